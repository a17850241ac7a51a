import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { once } from 'node:events';
import * as vscode from 'vscode';
import { WebSocket } from 'ws';
import type { SandboxExplorerApi, SandboxInfo } from '../../src/window/api/types.ts';
import { startCloud, type Cloud } from '../contract/cloudServer.ts';
import { RevisionAServer } from '../contract/revisionAServer.ts';
import { answering, enter } from './answers.ts';
import { answerNextWarning, command, extension, until } from './helpers.ts';

const port = 7500;

describe('an account at a service of the older revision', () => {
  let cloud: Cloud;
  let older: RevisionAServer;
  let api: SandboxExplorerApi;
  let accountId: string;
  let sandbox: SandboxInfo;

  const accountRow = () => ({
    kind: 'account',
    view: { account: { id: accountId, name: 'Older', provider: 'leap0' }, sandboxes: [] },
  });
  const row = () => ({ kind: 'sandbox', sandbox: { ...sandbox, accountId } });
  const mine = async () => (await api.list()).filter(({ account }) => account === accountId);

  before(async () => {
    cloud = await startCloud(`${extension.extensionPath}/dist/engine.js`);
    older = await RevisionAServer.start(cloud.socketPath);
    api = await extension.activate();
    await command('show');
    await answering([enter, 'Older', older.url, enter, enter, cloud.key], () => command('addAccount'));
    const [account] = vscode.workspace
      .getConfiguration('sandboxExplorer')
      .get<{ id: string }[]>('accounts', []);
    accountId = account?.id ?? '';
    sandbox = await api.create({ account: accountId, name: 'box' });
  });

  after(async () => {
    for (const { key } of await mine()) await api.delete(key);
    answerNextWarning('Sign Out');
    await command('signOut', accountRow());
    older.close();
    await cloud.close();
  });

  it('opens a port in the browser by SSH, since it has no URLs for it', async () => {
    await api.run(sandbox.key, `echo hello > index.html`);
    await api.run(sandbox.key, `python3 -m http.server ${port} --bind 127.0.0.1 >/dev/null 2>&1 &`);
    const opened: string[] = [];
    const { openExternal } = vscode.env;
    Object.assign(vscode.env, { openExternal: async (uri: vscode.Uri) => opened.push(uri.toString()) });
    try {
      await answering([String(port)], () => command('openPort', row()));
    } finally {
      Object.assign(vscode.env, { openExternal });
    }
    deepEqual(opened, [`http://localhost:${port}/`]);
    const page = () => fetch(`http://127.0.0.1:${port}/index.html`).then((response) => response.text());
    equal(await until('the page', () => page().catch(() => undefined)), 'hello\n');
    await command('stopForward', { ...row(), kind: 'forward', forward: { port, localPort: port } });
  });

  it('copies the URL of a session, which takes only requests with the key', async () => {
    const headers = { authorization: `Bearer ${cloud.key}`, 'content-type': 'application/json' };
    const made = await fetch(`${older.url}/v1/sandbox/${sandbox.id}/pty`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ id: 'my-session', cols: 80, rows: 24 }),
    });
    equal(made.status, 201);
    await command('copySessionUrl', {
      ...row(),
      kind: 'session',
      session: { id: 'my-session', active: true },
    });
    const url = await vscode.env.clipboard.readText();
    equal(url, `${older.url.replace('http', 'ws')}/v1/sandbox/${sandbox.id}/pty/my-session/connect`);
    const stranger = new WebSocket(url);
    const [refused] = (await once(stranger, 'error')) as [Error];
    match(refused.message, /401/);
    const socket = new WebSocket(url, { headers });
    await once(socket, 'open');
    let shown = '';
    socket.on('message', (data: Buffer) => (shown += data.toString()));
    socket.send(Buffer.from('echo $((40 + 2))\n'));
    await until('the shell answers', () => shown.includes('42') || undefined);
    socket.close();
  });

  it('restores a snapshot by the name that it was given, under a name of its own', async () => {
    await api.run(sandbox.key, 'echo kept > note');
    await answering(['warm', 'End the sandbox'], () => command('snapshot', row()));
    equal((await mine()).length, 0);
    const answers = ['warm', enter, 'Delete it', enter, 'from the past'] as const;
    await answering(answers, () => command('restoreSnapshot', accountRow()));
    const [restored] = await mine();
    equal(restored?.name, 'from the past');
    ok(restored.id !== sandbox.id);
    equal((await api.run(restored.key, 'cat note')).stdout, 'kept\n');
  });
});
