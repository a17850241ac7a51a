import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as vscode from 'vscode';
import type { SandboxExplorerApi } from '../../src/window/api/types.ts';
import { startCloud, type Cloud } from '../contract/cloudServer.ts';
import { RevisionAServer } from '../contract/revisionAServer.ts';
import { answering, enter } from './answers.ts';
import { answerNextWarning, command, extension, toldDuring, until, withSettings } from './helpers.ts';

interface Entry {
  readonly id: string;
  readonly name: string;
  readonly requestTimeout?: number;
}

const accounts = () => vscode.workspace.getConfiguration('sandboxExplorer').get<Entry[]>('accounts', []);
const rowOf = ({ id, name }: Entry) => ({
  kind: 'account',
  view: { account: { id, name, provider: 'leap0' }, sandboxes: [] },
});
const entry = (name: string): Entry => {
  const found = accounts().find((one) => one.name === name);
  ok(found, `there is no account ${name}`);
  return found;
};

describe('accounts at a service', () => {
  let cloud: Cloud;
  let older: RevisionAServer;
  let api: SandboxExplorerApi;

  before(async () => {
    cloud = await startCloud(`${extension.extensionPath}/dist/engine.js`);
    older = await RevisionAServer.start(cloud.socketPath);
    api = await extension.activate();
    await command('show');
  });

  after(async () => {
    for (const one of accounts()) {
      answerNextWarning('Sign Out');
      await command('signOut', rowOf(one));
    }
    older.close();
    await cloud.close();
  });

  const add = (name: string, url: string, key: string, timeout: string | typeof enter = enter) =>
    answering([enter, name, url, enter, timeout, key], () => command('addAccount'));
  const inAccount = async (name: string) =>
    (await api.list()).filter(({ account }) => account === entry(name).id);

  it('refuses a wrong key where it is typed, and keeps nothing', async () => {
    await rejects(add('Work', cloud.url, 'wrong'), /key|token|unauthor/i);
    await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
    deepEqual(accounts(), []);
  });

  it('gives up the trial of a key as soon as the user does', async () => {
    const closed: boolean[] = [];
    const silent = createServer((request) => request.socket.on('close', () => closed.push(true)));
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const asked = once(silent, 'request');
    const adding = add('Silent', `http://127.0.0.1:${(silent.address() as AddressInfo).port}`, 'any');
    await asked;
    await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
    await adding;
    await until('the request is given up', () => closed.length > 0);
    deepEqual(accounts(), []);
    silent.close();
  });

  it('adds one whose key is right, and keeps the key out of the settings', async () => {
    await add('Work', cloud.url, cloud.key);
    deepEqual(
      accounts().map(({ name }) => name),
      ['Work'],
    );
    ok(!JSON.stringify(accounts()).includes(cloud.key));
  });

  it('creates with the defaults in one command', async () => {
    await command('createWithDefaults', rowOf(entry('Work')));
    const [made, ...others] = await inAccount('Work');
    equal(others.length, 0);
    equal(made?.state, 'running');
  });

  it('adds another one, of the older revision, which shows what was made or added here', async () => {
    await add('Older', older.url, cloud.key);
    deepEqual(await inAccount('Older'), []);
    const [sandbox] = await inAccount('Work');
    ok(sandbox);
    await answering([sandbox.id], () => command('addSandboxById', rowOf(entry('Older'))));
    deepEqual(
      (await inAccount('Older')).map(({ id }) => id),
      [sandbox.id],
    );
  });

  it('tells of an ID that is gone, by its name, and forgets it', async () => {
    const [sandbox] = await inAccount('Work');
    ok(sandbox);
    await api.delete(sandbox.key);
    const told = await toldDuring('showInformationMessage', () => command('refresh'));
    equal(told.length, 1);
    match(told[0]?.message ?? '', new RegExp(`${sandbox.id}.* is gone: Older`));
    deepEqual(await inAccount('Older'), []);
  });

  it('renames and moves them', async () => {
    await answering(['Legacy'], () => command('renameAccount', rowOf(entry('Older'))));
    await command('moveAccountUp', rowOf(entry('Legacy')));
    deepEqual(
      accounts().map(({ name }) => name),
      ['Legacy', 'Work'],
    );
  });

  it('follows the time-out for all unless another one was typed, whatever that is', async () => {
    await withSettings({ requestTimeout: 300 }, async () => {
      await add('Patient', cloud.url, cloud.key);
      await add('Hasty', cloud.url, cloud.key, '60');
    });
    deepEqual(
      ['Patient', 'Hasty'].map((name) => entry(name).requestTimeout),
      [undefined, 60],
    );
    for (const name of ['Patient', 'Hasty']) {
      answerNextWarning('Sign Out');
      await command('signOut', rowOf(entry(name)));
    }
  });

  it('stops asking when the key is refused, and goes on with another one', async () => {
    cloud.instead = (call) => (call === 'GET /v1/sandboxes' ? [401, { message: 'Unknown key' }] : undefined);
    await command('refresh');
    await rejects(api.get(`${entry('Work').id}/nothing`), /Unknown key/);
    const asked = cloud.calls.length;
    // The first tries after another failure come within two and four seconds.
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    equal(cloud.calls.length, asked);
    cloud.instead = () => undefined;
    await answering([cloud.key], () => command('replaceKey', rowOf(entry('Work'))));
    await rejects(api.get(`${entry('Work').id}/nothing`), /There is no sandbox/);
  });

  it('signs out after asking, and the account is gone with its key', async () => {
    const { id } = entry('Legacy');
    const asked = answerNextWarning('');
    await command('signOut', rowOf(entry('Legacy')));
    match(asked[0]?.detail ?? '', /key/);
    equal(accounts().length, 2, 'it stays when the question is not answered');
    answerNextWarning('Sign Out');
    await command('signOut', rowOf(entry('Legacy')));
    equal(accounts().length, 1);
    await until('the explorer has closed it', async () =>
      api.create({ account: id }).then(
        () => undefined,
        ({ message }: Error) => /no account/.test(message) || undefined,
      ),
    );
  });
});
