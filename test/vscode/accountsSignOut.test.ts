import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { SandboxRecord } from '../../src/sandboxes/sandbox.ts';
import type { SandboxExplorerApi, SandboxInfo } from '../../src/window/api/types.ts';
import { startCloud, type Cloud } from '../contract/cloudServer.ts';
import { answering, enter } from './answers.ts';
import {
  answerNextWarning,
  command,
  extension,
  makeSandboxes,
  observer,
  row,
  toldDuring,
  until,
} from './helpers.ts';

const ours = join(homedir(), '.ssh/sandbox-explorer');
const user = vscode.ConfigurationTarget.Global;

/** The hosts of this editor, as `ssh` reads them. */
function hosts(): string[] {
  const folder = join(ours, 'config.d');
  const fragments = existsSync(folder) ? readdirSync(folder) : [];
  const text = fragments.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
  return Array.from(text.matchAll(/^Host (\S+)/gm), ([, host = '']) => host).toSorted();
}

/** What a command says in a sandbox, or what `ssh` says instead. */
const ssh = (host: string, line: string) =>
  new Promise<string>((resolve) =>
    execFile('ssh', ['-F', join(ours, 'config'), host, line], { timeout: 60_000 }, (_, stdout, stderr) =>
      resolve(stdout + stderr),
    ),
  );

const kept = () => readdirSync(join(ours, 'access')).map((name) => name.replace(/\.json$/, ''));

describe('signing out', () => {
  let cloud: Cloud;
  let api: SandboxExplorerApi;
  let local: SandboxRecord;

  const accountRow = (id: string) => ({
    kind: 'account',
    view: { account: { id, name: 'Work', provider: 'leap0' }, sandboxes: [] },
  });
  const signIn = async () => {
    await answering([enter, 'Work', cloud.url, enter, enter, cloud.key], () => command('addAccount'));
    const [account] = vscode.workspace
      .getConfiguration('sandboxExplorer')
      .get<{ id: string }[]>('accounts', []);
    ok(account);
    return account.id;
  };
  /** Gives a sandbox its host; nothing is written to the user's own config. */
  const makeHost = (node: object) =>
    toldDuring('showInformationMessage', () => command('copySshCommand', node));
  const rowOf = (info: SandboxInfo) => ({ kind: 'sandbox', sandbox: { ...info, accountId: info.account } });
  const processes = async ({ key }: SandboxInfo) =>
    (await api.run(key, "cat /proc/[0-9]*/cmdline | tr '\\0' ' '")).stdout;
  const platforms = () => vscode.workspace.getConfiguration('remote.SSH').get('remotePlatform');

  /** Opens a terminal, and tells what stands in it. */
  const openTerminal = async ({ key }: SandboxInfo) => {
    let text = '';
    const { createTerminal } = vscode.window;
    const listening = (options: vscode.ExtensionTerminalOptions) => {
      options.pty.onDidWrite((data) => (text += data));
      return createTerminal(options);
    };
    Object.assign(vscode.window, { createTerminal: listening });
    const terminal = await api
      .openTerminal(key)
      .finally(() => Object.assign(vscode.window, { createTerminal }));
    await until('the prompt', () => /[$#]/.test(text));
    return { terminal, text: () => text };
  };

  before(async () => {
    cloud = await startCloud(`${extension.extensionPath}/dist/engine.js`);
    api = await extension.activate();
    await command('show');
    const [made] = await makeSandboxes(1);
    ok(made);
    local = made;
    await makeHost(row(local));
  });

  after(async () => {
    answerNextWarning('Remove');
    await command('removeSshIntegration');
    await observer.delete(local.id);
    await cloud.close();
  });

  it('asks nothing about SSH where the account has no hosts', async () => {
    const id = await signIn();
    const asked = answerNextWarning('Sign Out');
    await command('signOut', accountRow(id));
    deepEqual(asked[0]?.buttons, ['Sign Out']);
    ok(!asked[0]?.detail?.includes('SSH'), asked[0]?.detail);
    equal(hosts().length, 1, "the other account's host is left alone");
  });

  it('leaves hosts that are to stay, and says what they are worth without the key', async () => {
    const id = await signIn();
    const others = hosts();
    const sandbox = await api.create({ account: id });
    await makeHost(rowOf(sandbox));
    const before = hosts();
    equal(before.length, 2);
    const asked = answerNextWarning('Sign Out');
    await command('signOut', accountRow(id));
    deepEqual(asked[0]?.buttons, ['Sign Out and Remove SSH Hosts', 'Sign Out']);
    match(asked[0]?.detail ?? '', /1 SSH host of this editor leads .* without the key, nothing renews it/);
    deepEqual(hosts(), before);
    deepEqual(kept().toSorted(), before);
    const [host = ''] = before.filter((one) => !others.includes(one));
    equal(await ssh(host, 'echo still in'), 'still in\n');
    const file = join(ours, 'access', `${host}.json`);
    const record = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ ...record, access: { ...record.access, expiresAt: 1 } }));
    match(await ssh(host, 'echo still in'), /Work was signed out.*Add the account again/);
  });

  it('takes the hosts of the account along, and of no other, when that is chosen', async () => {
    const others = hosts();
    const id = await signIn();
    for (const sandbox of [await api.create({ account: id }), await api.create({ account: id })]) {
      await makeHost(rowOf(sandbox));
    }
    const own = hosts().filter((host) => !others.includes(host));
    equal(own.length, 2);
    const entries = Object.fromEntries([...hosts(), 'mine'].map((host) => [host, 'linux']));
    await vscode.workspace.getConfiguration('remote.SSH').update('remotePlatform', entries, user);
    const asked = answerNextWarning('Sign Out and Remove SSH Hosts');
    await command('signOut', accountRow(id));
    match(asked[0]?.detail ?? '', /2 SSH hosts of this editor lead/);
    deepEqual(hosts(), others);
    deepEqual(kept().toSorted(), others);
    deepEqual(platforms(), Object.fromEntries([...others, 'mine'].map((host) => [host, 'linux'])));
    await vscode.workspace.getConfiguration('remote.SSH').update('remotePlatform', undefined, user);
  });

  it('is not prevented by a file of ours that cannot be read', async () => {
    const id = await signIn();
    const [name = ''] = readdirSync(join(ours, 'hosts'));
    const index = join(ours, 'hosts', name);
    const text = readFileSync(index, 'utf8');
    writeFileSync(index, 'damaged');
    const asked = answerNextWarning('Sign Out');
    await command('signOut', accountRow(id));
    writeFileSync(index, text);
    deepEqual(asked[0]?.buttons, ['Sign Out']);
    deepEqual(vscode.workspace.getConfiguration('sandboxExplorer').get('accounts'), []);
  });

  it('ends the connection of a terminal, says why in it, and leaves the shell alone', async () => {
    const id = await signIn();
    const sandbox = await api.create({ account: id });
    const path = `/v1/sandbox/${sandbox.id}/pty`;
    const { terminal, text } = await openTerminal(sandbox);
    terminal.sendText('sleep 4321');
    await until('its command', async () => (await processes(sandbox)).includes('sleep 4321') || undefined);
    answerNextWarning('Sign Out');
    await command('signOut', accountRow(id));
    await until('the reason', () => /Disconnected: Work was signed out\. The shell goes on/.test(text()));
    const said = text().length;
    ok(vscode.window.terminals.includes(terminal), 'the tab stays, to be read');
    terminal.sendText('echo nobody hears this');
    await vscode.commands.executeCommand('workbench.action.terminal.kill');
    await until('the tab is closed', () => !vscode.window.terminals.includes(terminal));
    equal(text().length, said, 'nothing follows');
    ok(!cloud.calls.some((call) => call.startsWith(`DELETE ${path}`)), 'its session is kept');
    const again = await signIn();
    await api.refresh();
    const found = (await api.list()).find((one) => one.account === again && one.id === sandbox.id);
    ok(found);
    match(await processes(found), /sleep 4321/);
    for (const one of (await api.list()).filter(({ account }) => account === again))
      await api.delete(one.key);
    answerNextWarning('Sign Out and Remove SSH Hosts');
    await command('signOut', accountRow(again));
  });

  it('is not what a terminal says of an account whose settings were changed', async () => {
    const id = await signIn();
    const sandbox = await api.create({ account: id });
    const { terminal, text } = await openTerminal(sandbox);
    const configuration = vscode.workspace.getConfiguration('sandboxExplorer');
    const changed = configuration
      .get<object[]>('accounts', [])
      .map((one) => ({ ...one, requestTimeout: 50 }));
    await configuration.update('accounts', changed, user);
    await until('the reason', () => /Disconnected: the settings of Work were changed\./.test(text()));
    terminal.dispose();
    await api.refresh();
    await api.delete(sandbox.key);
    answerNextWarning('Sign Out');
    await command('signOut', accountRow(id));
  });
});
