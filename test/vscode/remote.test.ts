import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import type { SandboxRecord } from '../../src/sandboxes/sandbox.ts';
import {
  answerNextWarning,
  command,
  dataFolder,
  makeSandboxes,
  observer,
  row,
  toldDuring,
  until,
  withSettings,
} from './helpers.ts';
import { answeringAll, openedDuring, shell, warnedDuring, type Asked } from './windows.ts';

const configFile = vscode.workspace.getConfiguration('sandboxExplorer').get('ssh.configFile', '');
const ours = join(homedir(), '.ssh/sandbox-explorer');
/** What a user may have in theirs; none of it may change. */
const theirs = '# mine, with a tab\t\r\nHost other\r\n  HostName 192.0.2.1\r\n';

describe('Remote-SSH', () => {
  let sandbox: SandboxRecord;
  const on = (name: string) => command(name, row(sandbox));
  const copied = async (name: string) => {
    await vscode.env.clipboard.writeText('');
    await on(name);
    return vscode.env.clipboard.readText();
  };
  const accessFile = () => {
    const [file] = readdirSync(join(ours, 'access')).filter((name) => name.endsWith('.json'));
    ok(file, 'no host is kept');
    return join(ours, 'access', file);
  };
  const record = () => JSON.parse(readFileSync(accessFile(), 'utf8'));
  const host = () => accessFile().replace(/^.*\/|\.json$/g, '');

  before(async () => {
    ok(configFile.startsWith(homedir()), 'the run has an SSH config of its own');
    mkdirSync(dirname(configFile), { recursive: true, mode: 0o700 });
    writeFileSync(configFile, theirs, { mode: 0o600 });
    const [made] = await makeSandboxes(1);
    ok(made);
    sandbox = made;
  });

  after(async () => {
    await observer.delete(sandbox.id);
  });

  it('leaves the SSH config alone when the user says Not Now, and then offers ssh -F', async () => {
    let line = '';
    const asked = await answeringAll(['Not Now'], async () => (line = await copied('copySshCommand')));
    equal(asked.length, 1);
    match(asked[0]?.detail ?? '', new RegExp(`${configFile}:\n\nInclude|${configFile}:\nInclude`));
    equal(readFileSync(configFile, 'latin1'), theirs);
    equal(line, `ssh -F ${ours}/config ${host()}`);
    deepEqual(await shell(`${line} echo by ssh`), { code: 0, output: 'by ssh\n' });
  });

  it('does not ask again for a command that needs no line', async () => {
    const asked = await answeringAll(['Add'], async () => void (await copied('copySshCommand')));
    equal(asked.length, 0);
    equal(readFileSync(configFile, 'latin1'), theirs);
  });

  it('opens no window without the line, and says why', async () => {
    let asked: Asked[] = [];
    const opened = await openedDuring(async () => {
      asked = await answeringAll(['Not Now'], () => on('openInRemoteSsh'));
    });
    deepEqual(opened, []);
    match(asked.at(-1)?.message ?? '', /cannot find .* without the line/);
  });

  it('opens a sandbox in this window once the line is there, on top of what was there', async () => {
    let asked: Asked[] = [];
    const opened = await openedDuring(async () => {
      asked = await answeringAll(['Add'], () => on('openInRemoteSsh'));
    });
    const line = `Include "${ours}/config"`;
    equal(asked.length, 1);
    ok(asked[0]?.detail.includes(`${configFile}:\n${line}`), asked[0]?.detail);
    const config = readFileSync(configFile, 'latin1');
    ok(config.startsWith(line) && config.endsWith(theirs), config);
    deepEqual(opened, [
      { id: 'vscode.newWindow', args: [{ remoteAuthority: `ssh-remote+${host()}`, reuseWindow: true }] },
    ]);
    const platforms = vscode.workspace.getConfiguration('remote.SSH').get('remotePlatform');
    deepEqual(platforms, { [host()]: 'linux' });
  });

  it('opens another window, and asks nothing any more', async () => {
    const opened = await openedDuring(() => on('openInRemoteSshNewWindow'));
    deepEqual(opened, [
      { id: 'vscode.newWindow', args: [{ remoteAuthority: `ssh-remote+${host()}`, reuseWindow: false }] },
    ]);
  });

  it('opens a folder, and offers it the next time', async () => {
    const offered: (string | undefined)[] = [];
    const original = vscode.window.showInputBox;
    const patched = async ({ value }: vscode.InputBoxOptions) => {
      offered.push(value);
      return '/home/user/a b';
    };
    Object.assign(vscode.window, { showInputBox: patched });
    const opened = await openedDuring(() => on('openFolderInRemoteSsh'));
    await openedDuring(() => on('openFolderInRemoteSsh'));
    Object.assign(vscode.window, { showInputBox: original });
    deepEqual(offered, ['', '/home/user/a b']);
    const [uri, options] = (opened[0]?.args ?? []) as [vscode.Uri?, unknown?];
    equal(uri?.toString(true), `vscode-remote://ssh-remote+${host()}/home/user/a b`);
    deepEqual(options, { forceNewWindow: true });
  });

  it('has a config of the editor get the line, too, and never changes its setting', async () => {
    const other = join(homedir(), 'editors-config');
    const settings = vscode.workspace.getConfiguration('remote.SSH');
    const before = settings.get('configFile');
    await settings.update('configFile', other, vscode.ConfigurationTarget.Global);
    const asked = await answeringAll(['Add'], () => openedDuring(() => on('openInRemoteSsh')));
    equal(asked.length, 1);
    ok(asked[0]?.detail.includes(`${other} (a new file):`), asked[0]?.detail);
    match(readFileSync(other, 'utf8'), /^Include "/);
    equal(vscode.workspace.getConfiguration('remote.SSH').get('configFile'), other);
    await settings.update('configFile', before, vscode.ConfigurationTarget.Global);
  });

  it('copies a command that any terminal understands', async () => {
    const line = await copied('copySshCommand');
    equal(line, `ssh -F ${configFile} ${host()}`);
    deepEqual(await shell(`${line} echo by ssh`), { code: 0, output: 'by ssh\n' });
  });

  it('renews what soon expires while a window is open', async () => {
    const before = record();
    const soon = Date.now() + 60_000;
    writeFileSync(accessFile(), JSON.stringify({ ...before, access: { ...before.access, expiresAt: soon } }));
    deepEqual(await shell(`ssh -F ${configFile} ${host()} echo renewed`), { code: 0, output: 'renewed\n' });
    ok(record().access.expiresAt > soon);
    ok(record().access.password !== before.access.password);
  });

  it('tells ssh of a changed proxy, and of none, without being asked', async () => {
    const settings = vscode.workspace.getConfiguration('http');
    const told = () => JSON.parse(readFileSync(join(ours, 'network.json'), 'utf8')).proxy;
    const before = told();
    await settings.update('proxy', 'http://somebody:hidden@127.0.0.1:9', vscode.ConfigurationTarget.Global);
    await until('ssh knows the proxy', () => told() === 'http://somebody:hidden@127.0.0.1:9');
    await settings.update('proxy', undefined, vscode.ConfigurationTarget.Global);
    await until('ssh knows of none', () => told() === before);
  });

  it("copies the provider's own command, without the password", async () => {
    const { user, host: address, port, password } = record().access;
    const line = await copied('copyProviderSshCommand');
    equal(line, `ssh ${user}@${address} -p ${port}`);
    ok(!line.includes(password));
  });

  it('says whether the access is valid, and until when', async () => {
    const told = await toldDuring('showInformationMessage', () => on('validateSshAccess'));
    match(told[0]?.message ?? '', /is valid: expires at/);
  });

  it('shows what is known of the access, too, while the service does not answer', async () => {
    const { pid } = JSON.parse(readFileSync(join(dataFolder, 'engine.json'), 'utf8'));
    const original = vscode.window.createQuickPick;
    let items: readonly vscode.QuickPickItem[] = [];
    const patched = () => {
      const pick = original();
      const show = pick.show.bind(pick);
      const once = () => {
        items = pick.items;
        show();
        pick.hide();
      };
      return Object.assign(pick, { show: once });
    };
    Object.assign(vscode.window, { createQuickPick: patched });
    process.kill(pid, 'SIGSTOP');
    const showing = withSettings({ requestTimeout: 1 }, async () => void (await on('showSshAccess')));
    await showing.finally(() => process.kill(pid, 'SIGCONT'));
    Object.assign(vscode.window, { createQuickPick: original });
    const described = new Map(items.map(({ label, description = '' }) => [label, description]));
    match(described.get('$(info) Validity') ?? '', /^not known: ./);
    equal(described.get('$(account) User'), record().access.user);
  });

  it('says of an access that was revoked elsewhere that it is not valid', async () => {
    await observer.ssh?.anySet?.revoke(sandbox.id);
    const told = answerNextWarning('');
    await on('validateSshAccess');
    match(told[0]?.message ?? '', /is not valid any more/);
    deepEqual(await shell(`ssh -F ${configFile} ${host()} echo anew`), { code: 0, output: 'anew\n' });
  });

  it('regenerates what it has found to be invalid, without asking again for which sandbox', async () => {
    const before = record().access;
    const [other] = await makeSandboxes(1);
    ok(other);
    await observer.ssh?.anySet?.revoke(sandbox.id);
    let picks = 0;
    const { showQuickPick } = vscode.window;
    const pick = async (items: readonly { sandbox?: { id: string } }[]) => {
      picks++;
      return items.find((item) => item.sandbox?.id === sandbox.id);
    };
    Object.assign(vscode.window, { showQuickPick: pick });
    await warnedDuring(() => command('validateSshAccess'), 'Regenerate…', 'Regenerate');
    Object.assign(vscode.window, { showQuickPick });
    await observer.delete(other.id);
    equal(picks, 1);
    ok(record().access.password !== before.password);
  });

  it('regenerates only after asking, and says what that ends', async () => {
    const before = record().access;
    const refused = answerNextWarning('');
    await on('regenerateSshAccess');
    match(refused[0]?.detail ?? '', /the old one ends at once, wherever it is in use/);
    deepEqual(record().access, before);
    answerNextWarning('Regenerate');
    await on('regenerateSshAccess');
    ok(record().access.password !== before.password);
    equal(await observer.ssh?.validate(sandbox.id, before), false);
  });

  it('takes away the host with the access when it is revoked', async () => {
    const old = record().access;
    answerNextWarning('Revoke');
    await on('revokeSshAccess');
    deepEqual(readdirSync(join(ours, 'access')), []);
    await rejects(async () => observer.ssh?.validate(sandbox.id, old), { kind: 'notFound' });
    deepEqual(vscode.workspace.getConfiguration('remote.SSH').get('remotePlatform'), {});
  });

  it('takes away the host, too, of an access that is gone already', async () => {
    await openedDuring(() => on('openInRemoteSsh'));
    await observer.ssh?.anySet?.revoke(sandbox.id);
    answerNextWarning('Revoke');
    await on('revokeSshAccess');
    deepEqual(readdirSync(join(ours, 'access')), []);
  });

  it('never replaces unasked what somebody else has made', async () => {
    const theirAccess = await observer.ssh?.create(sandbox.id);
    ok(theirAccess);
    const asked = answerNextWarning('');
    await openedDuring(() => on('openInRemoteSsh'));
    match(asked[0]?.message ?? '', /was made elsewhere/);
    equal(await observer.ssh?.validate(sandbox.id, theirAccess), true);
    deepEqual(readdirSync(join(ours, 'access')), [], 'no host is left that leads nowhere');
    answerNextWarning('Regenerate');
    const opened = await openedDuring(() => on('openInRemoteSsh'));
    equal(opened.length, 1);
    equal(await observer.ssh?.validate(sandbox.id, theirAccess), false);
  });

  it('wakes a sandbox that the user wants to open', async () => {
    await observer.pause?.(sandbox.id);
    const opened = await openedDuring(() => on('openInRemoteSsh'));
    equal(opened.length, 1);
    equal((await observer.get(sandbox.id)).state, 'running');
  });

  it('loses the hosts of sandboxes that are gone, and keeps the others', async () => {
    const kept = accessFile();
    const others = await makeSandboxes(3);
    for (const other of others) await openedDuring(() => command('openInRemoteSsh', row(other)));
    const files = readdirSync(join(ours, 'access')).filter((name) => !kept.endsWith(`/${name}`));
    equal(files.length, 3);
    // What is known of a host may be lost, which is no reason to keep it, or those that come after it.
    const [missing = '', damaged = ''] = files;
    rmSync(join(ours, 'access', missing));
    writeFileSync(join(ours, 'access', damaged), '{');
    for (const other of others) await observer.delete(other.id);
    await command('refresh');
    await until('their hosts are gone', () => readdirSync(join(ours, 'access')).length === 1 || undefined);
    equal(existsSync(kept), true);
    const entries = () =>
      readFileSync(join(ours, 'config.d', readdirSync(join(ours, 'config.d'))[0] ?? ''), 'utf8');
    deepEqual(entries().match(/^Host .*$/gm), [`Host ${host()}`]);
  });

  it('is removed to the last byte', async () => {
    answerNextWarning('Remove');
    const told = await toldDuring('showInformationMessage', () => command('removeSshIntegration'));
    equal(told.map(({ message }) => message).join('; '), 'The SSH integration is removed.');
    equal(readFileSync(configFile, 'latin1'), theirs);
    equal(existsSync(ours), false);
    equal(existsSync(join(homedir(), 'editors-config')), false, 'the file that was made for it is gone, too');
    const platforms = vscode.workspace.getConfiguration('remote.SSH').inspect('remotePlatform');
    equal(platforms?.globalValue, undefined);
  });
});
