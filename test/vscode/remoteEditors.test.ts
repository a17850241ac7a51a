import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os, { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import type { SandboxRecord } from '../../src/sandboxes/sandbox.ts';
import { answeringAll, openedDuring, type Opened, warnedDuring, withExtensions } from './windows.ts';
import { answerNextWarning, command, makeSandboxes, observer, row } from './helpers.ts';

const configFile = vscode.workspace.getConfiguration('sandboxExplorer').get('ssh.configFile', '');
const line = `Include "${join(homedir(), '.ssh/sandbox-explorer/config')}"`;

/** Makes one for the tests of a suite; the hosts go with it. */
function sandboxOfSuite(): () => SandboxRecord {
  let sandbox: SandboxRecord | undefined;
  const made = () => {
    ok(sandbox);
    return sandbox;
  };
  before(async () => {
    mkdirSync(dirname(configFile), { recursive: true, mode: 0o700 });
    [sandbox] = await makeSandboxes(1);
    made();
  });
  after(async () => {
    answerNextWarning('Remove');
    await command('removeSshIntegration');
    await observer.delete(made().id);
  });
  return made;
}

describe('an editor that starts ssh without -F', () => {
  const { userInfo } = os;
  const user = userInfo();
  const own = join(user.homedir, '.ssh/config');
  before(() => ok(own !== configFile, 'the run has an SSH config that ssh does not read by itself'));
  const sandbox = sandboxOfSuite();

  /** Opens the sandbox by such an editor. */
  async function open(answer?: string) {
    const standIn = vscode.extensions.getExtension('test.resolver');
    ok(standIn, 'the stand-in is there');
    const windsurf = { id: 'codeium.windsurf-remote-openssh', packageJSON: standIn.packageJSON };
    let opened: Opened[] = [];
    const warned = await warnedDuring(async () => {
      opened = await withExtensions([windsurf], () =>
        openedDuring(() => command('openInRemoteSsh', row(sandbox()))),
      );
    }, answer);
    return { warned, opened };
  }

  it('is not opened where it would find nothing: the config that it reads is named', async () => {
    let warned: Awaited<ReturnType<typeof open>>['warned'] = [];
    let opened: Opened[] = [];
    await answeringAll(['Add'], async () => ({ warned, opened } = await open()));
    deepEqual(opened, []);
    equal(warned.length, 1);
    match(warned[0]?.message ?? '', / does not find local-/);
    ok(warned[0]?.message.includes(` with ${own}, which does not include the hosts of Sandbox Explorer.`));
    deepEqual(warned[0]?.buttons, ['Add Line…', 'Open Anyway']);
  });

  it('gets the line in that config, too, if the user agrees to it, and is opened then', async () => {
    const home = mkdtempSync(join(tmpdir(), 'sandbox-explorer-'));
    const theirs = join(home, '.ssh/config');
    mkdirSync(dirname(theirs), { mode: 0o700 });
    // The config of whoever runs the tests is not ours to write.
    Object.assign(os, { userInfo: () => ({ ...user, homedir: home }) });
    let opened: Opened[] = [];
    const asked = await answeringAll(['Add'], async () => ({ opened } = await open('Add Line…')));
    Object.assign(os, { userInfo });
    deepEqual([asked.length, opened.length], [1, 1]);
    ok(asked[0]?.detail.includes(`${theirs} (a new file):\n${line}`), asked[0]?.detail);
    equal(readFileSync(theirs, 'utf8'), `${line}\n`);
    rmSync(home, { recursive: true });
  });

  it('is opened all the same when the user says so', async () => {
    equal((await open('Open Anyway')).opened.length, 1);
  });

  it('has the same told of terminals, which find the host by the copied command only, until the user knows', async () => {
    const copied = () => warnedDuring(() => command('copySshCommand', row(sandbox())), 'OK');
    const warned = await copied();
    equal(warned.length, 1);
    deepEqual(await copied(), []);
    match(warned[0]?.message ?? '', /^ssh does not find local-/);
    ok(warned[0]?.message.includes(own));
  });
});

describe('every editor’s extension for Remote-SSH', () => {
  /** Each with the section of its settings. */
  const known = {
    'ms-vscode-remote.remote-ssh': 'remote.SSH',
    'anysphere.remote-ssh': 'remote.SSH',
    'jeanp413.open-remote-ssh': 'remote.SSH',
    'codeium.windsurf-remote-openssh': 'remote.windsurfSSH',
    'google.antigravity-remote-openssh': 'remote.antigravitySSH',
  };
  const sandbox = sandboxOfSuite();

  for (const [id, section] of Object.entries(known)) {
    it(`has the window opened that it is asked for by ssh-remote+HOST: ${id}`, async () => {
      const packageJSON = {
        activationEvents: ['onResolveRemoteAuthority:ssh-remote'],
        contributes: { configuration: { properties: { [`${section}.configFile`]: {} } } },
      };
      let opened: Opened[] = [];
      await warnedDuring(
        () =>
          answeringAll(['Add'], () =>
            withExtensions([{ id, packageJSON }], async () => {
              opened = await openedDuring(() => command('openInRemoteSsh', row(sandbox())));
            }),
          ),
        'Open Anyway',
      );
      const given = opened.map(({ args }) => (args[0] as { remoteAuthority?: string }).remoteAuthority);
      equal(given.length, 1);
      match(given[0] ?? '', /^ssh-remote\+local-/);
    });
  }
});
