import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import * as vscode from 'vscode';
import type { SandboxExplorerApi } from '../../src/window/api/types.ts';
import { startCloud, type Cloud } from '../contract/cloudServer.ts';
import { OlderServer, wires } from '../contract/olderServer.ts';
import { answering, enter } from './answers.ts';
import { answerNextWarning, command, extension } from './helpers.ts';

const configuration = () => vscode.workspace.getConfiguration('sandboxExplorer');
const accounts = () => configuration().get<Record<string, unknown>[]>('accounts', []);
const change = (fields: object) =>
  configuration().update(
    'accounts',
    accounts().map((one) => ({ ...one, ...fields })),
    vscode.ConfigurationTarget.Global,
  );

describe('an account at a service that takes its key in another header', () => {
  let cloud: Cloud;
  let service: OlderServer;
  let api: SandboxExplorerApi;

  const row = () => ({
    kind: 'account',
    view: { account: { id: accounts()[0]?.['id'], name: 'Gated', provider: 'leap0' }, sandboxes: [] },
  });
  const add = (...answers: (string | typeof enter)[]) =>
    answering(['another header', 'Gated', service.url, enter, enter, ...answers], () =>
      command('addAccount'),
    );
  const close = () => vscode.commands.executeCommand('workbench.action.closeQuickOpen');

  before(async () => {
    cloud = await startCloud(`${extension.extensionPath}/dist/engine.js`);
    service = await OlderServer.start(cloud.socketPath, wires.M1);
    api = await extension.activate();
    await command('show');
  });

  after(async () => {
    for (const { key, account } of await api.list())
      if (account === accounts()[0]?.['id']) await api.delete(key);
    answerNextWarning('Sign Out');
    await command('signOut', row());
    service.close();
    await cloud.close();
  });

  it('is refused where the header is typed when a request needs it for itself', async () => {
    await rejects(add('Another header', 'Content-Length'), /for itself/);
    await close();
  });

  it('is refused where the key is typed when it is sent in the wrong way', async () => {
    await rejects(
      add('leap0-authorization', 'leap0-authorization: Bearer', cloud.key),
      /key|token|unauthor/i,
    );
    await close();
    deepEqual(accounts(), []);
  });

  it('is added, and works, when it is sent in the right one', async () => {
    await add('leap0-authorization', 'leap0-authorization: KEY', cloud.key);
    const [{ authHeader, bearer } = {}] = accounts();
    deepEqual({ authHeader, bearer }, { authHeader: 'leap0-authorization', bearer: false });
    const { key } = await api.create({ account: String(accounts()[0]?.['id']), name: 'box' });
    equal((await api.run(key, 'echo in')).stdout, 'in\n');
    await answering([cloud.key], () => command('replaceKey', row()));
  });

  it('sends its key as the settings say from then on', async () => {
    const id = String(accounts()[0]?.['id']);
    await change({ bearer: true });
    await rejects(api.get(`${id}/nothing`), /key|token|unauthor/i);
    await change({ bearer: false, authHeader: 'Host' });
    await rejects(api.get(`${id}/nothing`), /key cannot be sent/);
    await change({ authHeader: 'leap0-authorization' });
    await rejects(api.get(`${id}/nothing`), /There is no sandbox/);
    ok(!JSON.stringify(accounts()).includes(cloud.key));
  });
});
