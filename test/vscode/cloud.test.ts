import { deepEqual, equal, match, ok } from 'node:assert/strict';
import * as vscode from 'vscode';
import type { SandboxExplorerApi, SandboxInfo } from '../../src/window/api/types.ts';
import { startCloud, type Cloud } from '../contract/cloudServer.ts';
import { answering, enter } from './answers.ts';
import { answerNextWarning, command, extension, until } from './helpers.ts';

describe('the sandboxes of an account', () => {
  let cloud: Cloud;
  let api: SandboxExplorerApi;
  let accountId: string;

  const accountRow = () => ({
    kind: 'account',
    view: { account: { id: accountId, name: 'Cloud', provider: 'leap0' }, sandboxes: [] },
  });
  const rowOf = (info: SandboxInfo) => ({
    kind: 'sandbox',
    sandbox: { ...info, accountId, state: info.state },
  });
  const mine = async () => {
    await api.refresh();
    return (await api.list()).filter(({ account }) => account === accountId);
  };
  const made = async (name: string): Promise<SandboxInfo> => {
    const found = (await mine()).find((one) => one.name === name);
    ok(found, `there is no sandbox ${name}`);
    return found;
  };
  const lastBody = (call: string): Record<string, unknown> =>
    JSON.parse(cloud.bodies[cloud.calls.lastIndexOf(call)] ?? '');
  const more: readonly (string | typeof enter)[] = [enter, enter, 'More options…'];

  before(async () => {
    cloud = await startCloud(`${extension.extensionPath}/dist/engine.js`);
    api = await extension.activate();
    await command('show');
    await answering([enter, 'Cloud', cloud.url, enter, enter, cloud.key], () => command('addAccount'));
    const [account] = vscode.workspace
      .getConfiguration('sandboxExplorer')
      .get<{ id: string }[]>('accounts', []);
    accountId = account?.id ?? '';
  });

  after(async () => {
    for (const { key } of await mine()) await api.delete(key);
    answerNextWarning('Sign Out');
    await command('signOut', accountRow());
    await cloud.close();
  });

  it('has the name, the variables and the end that were chosen', async () => {
    const options = [
      'Name',
      'my agent',
      'At its end',
      'Delete it',
      'Variables',
      'Type a variable',
      'GREETING=good day',
    ];
    await answering([...more, ...options, 'Done', 'Create'], () => command('create', accountRow()));
    const sandbox = await made('my agent');
    equal((await api.run(sandbox.key, 'printf %s "$GREETING"')).stdout, 'good day');
    equal(lastBody('POST /v1/sandbox/')['auto_pause'], false);
  });

  it('is made again with variables that no service tells', async () => {
    const original = await made('my agent');
    const again = await command<SandboxInfo>('createAgain', rowOf(original));
    ok(again.id !== original.id);
    const { key } = (await mine()).find(({ id }) => id === again.id) ?? again;
    equal((await api.run(key, 'printf %s "$GREETING"')).stdout, 'good day');
    await api.delete(key);
  });

  it('gets a network policy of its own, with headers whose values are not shown', async () => {
    cloud.instead = (call) =>
      call === 'POST /v1/sandbox/' ? [400, { message: 'No such policy' }] : undefined;
    const policy = ['Network', 'Custom', 'api.example.com *.example.org', '10.0.0.0/24', 'Change headers'];
    const header = ['api.example.com', 'Set a header', 'Authorization', 'Bearer s3cret', 'Done', 'Done'];
    await answering([...more, ...policy, ...header, 'Create'], () => command('create', accountRow()));
    cloud.instead = () => undefined;
    deepEqual(lastBody('POST /v1/sandbox/')['network_policy'], {
      mode: 'custom',
      allow_domains: ['api.example.com', '*.example.org'],
      allow_cidrs: ['10.0.0.0/24'],
      transforms: [{ domain: 'api.example.com', inject_headers: { Authorization: 'Bearer s3cret' } }],
    });
  });

  it('gets room when the limit is reached, by what was picked and nothing else, and not before it is said so', async () => {
    const kept = await made('my agent');
    const spare = await api.create({ account: accountId, name: 'spare' });
    await api.pause(spare.key);
    cloud.instead = (call) =>
      call === 'POST /v1/sandbox/' ? [409, { message: 'The limit is 2 sandboxes' }] : undefined;
    const { showErrorMessage, showInformationMessage, showQuickPick } = vscode.window;
    const offered: string[] = [];
    Object.assign(vscode.window, {
      showErrorMessage: async (text: string, ...buttons: string[]) => {
        match(text, /limit/);
        return buttons.find((button) => button === 'Make Room…');
      },
      showQuickPick: async (items: readonly vscode.QuickPickItem[]) => {
        offered.push(...items.map(({ label }) => label));
        return items;
      },
      showInformationMessage: async (_: string, ...buttons: string[]) => {
        cloud.instead = () => undefined;
        return buttons.find((button) => button === 'Try Again');
      },
    });
    try {
      const before = cloud.calls.filter((call) => call === 'POST /v1/sandbox/').length;
      await command('createWithDefaults', accountRow());
      await until('the second try', () => {
        const tries = cloud.calls.filter((call) => call === 'POST /v1/sandbox/').length - before;
        return tries === 2 || undefined;
      });
    } finally {
      Object.assign(vscode.window, { showErrorMessage, showInformationMessage, showQuickPick });
      cloud.instead = () => undefined;
    }
    deepEqual(offered, ['spare']);
    const ids = await until('the new one', async () => {
      const all = await mine();
      return all.length === 2 ? all.map(({ id }) => id) : undefined;
    });
    ok(ids.includes(kept.id) && !ids.includes(spare.id));
  });

  it('is snapshotted, ended with it, and made anew of it', async () => {
    const original = await made('my agent');
    await api.run(original.key, 'echo kept > note');
    await answering(['warm', 'End the sandbox'], () => command('snapshot', rowOf(original)));
    ok(!(await mine()).some(({ id }) => id === original.id));
    const restored = await answering(['warm', enter, 'Delete it', enter, enter], () =>
      command<SandboxInfo>('restoreSnapshot', accountRow()),
    );
    const { key, name } = (await mine()).find(({ id }) => id === restored.id) ?? restored;
    equal(name, 'warm-1');
    equal((await api.run(key, 'cat note')).stdout, 'kept\n');
    const asked = answerNextWarning('Delete');
    await answering(['warm'], () => command('deleteSnapshot', accountRow()));
    match(asked[0]?.message ?? '', /Delete the snapshot warm/);
  });

  it('has addresses to copy for its ports', async () => {
    const [sandbox] = await mine();
    ok(sandbox);
    await answering(['WebSocket', '3000', '/live'], () => command('copyPortUrl', rowOf(sandbox)));
    equal(await vscode.env.clipboard.readText(), `wss://${sandbox.id}-3000.sandbox.leap0.dev/live`);
    await answering([enter, '', enter], () => command('copyPortUrl', rowOf(sandbox)));
    equal(await vscode.env.clipboard.readText(), `https://${sandbox.id}.sandbox.leap0.dev/`);
  });

  it('opens a port by a URL that is asked for once, and revokes it', async () => {
    const [sandbox] = await mine();
    ok(sandbox);
    const path = `/v1/sandbox/${sandbox.id}/presigned-url`;
    const url = 'https://preview.example.com/?token=s3cret';
    const expires_at = Math.round(Date.now() / 1000) + 900;
    cloud.instead = (call) => {
      if (call === `POST ${path}`) return [201, { id: 'u1', token: 's3cret', url, port: 3000, expires_at }];
      return call === `DELETE ${path}/u1` ? [200, {}] : undefined;
    };
    const opened: string[] = [];
    const { openExternal } = vscode.env;
    Object.assign(vscode.env, { openExternal: async (uri: vscode.Uri) => opened.push(uri.toString(true)) });
    const node = {
      kind: 'url',
      sandbox: { ...sandbox, accountId },
      url: { id: 'u1', url, token: 's3cret', port: 3000, expiresAt: expires_at * 1000 },
    };
    try {
      await answering(['3000', '15 min'], () => command('openPort', rowOf(sandbox)));
      // As a double click on its row does.
      await command('openUrl', node);
      await command('openUrl', node);
    } finally {
      Object.assign(vscode.env, { openExternal });
    }
    deepEqual(opened, [url, url]);
    deepEqual(lastBody(`POST ${path}`), { port: 3000, expires_in: 900 });
    await command('revokeUrl', node);
    ok(cloud.calls.includes(`DELETE ${path}/u1`));
    cloud.instead = () => undefined;
  });

  it('says two minutes before its end that it will be deleted, once, and pauses when that is the answer', async () => {
    const asked = answerNextWarning('Pause');
    const sandbox = await api.create({
      account: accountId,
      name: 'short',
      timeoutMinutes: 2,
      autoPause: false,
    });
    await api.get(sandbox.key);
    await until('the notice', () => asked[0]);
    match(asked[0]?.message ?? '', /^short is deleted at /);
    await until('the pause', async () => (await api.get(sandbox.key)).state === 'paused' || undefined);
  });
});
