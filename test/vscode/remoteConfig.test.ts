import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { unlessGone } from '../../src/sandboxes/errors.ts';
import type { SandboxRecord } from '../../src/sandboxes/sandbox.ts';
import { answeringAll, openedDuring, type Opened, shell, warnedDuring } from './windows.ts';
import { answerNextWarning, command, makeSandboxes, observer, row, toldDuring } from './helpers.ts';

const configFile = vscode.workspace.getConfiguration('sandboxExplorer').get('ssh.configFile', '');
const line = `Include "${join(homedir(), '.ssh/sandbox-explorer/config')}"`;

describe('an SSH config of which a rule of the user’s wins', () => {
  let sandbox: SandboxRecord;

  /** Opens the sandbox, and answers what is warned of. */
  async function open(answer?: string) {
    let opened: Opened[] = [];
    const warned = await warnedDuring(async () => {
      opened = await openedDuring(() => command('openInRemoteSsh', row(sandbox)));
    }, answer);
    return { warned, opened };
  }

  before(async () => {
    ok(configFile.startsWith(homedir()), 'the run has an SSH config of its own');
    mkdirSync(dirname(configFile), { recursive: true, mode: 0o700 });
    writeFileSync(configFile, 'Host other\n  Port 1\n', { mode: 0o600 });
    const [made] = await makeSandboxes(1);
    ok(made);
    sandbox = made;
    await answeringAll(['Add'], () => openedDuring(() => command('openInRemoteSsh', row(sandbox))));
    ok(readFileSync(configFile, 'utf8').startsWith(line));
  });

  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    answerNextWarning('Remove');
    await command('removeSshIntegration');
    await observer.delete(sandbox.id);
    rmSync(configFile);
  });

  const rules = [
    ['Host *', 'Host *\n  ProxyCommand corp-proxy %h\n', 'proxycommand', 'corp-proxy', 2],
    ['Match all', '# mine\nMatch all\n  User ann\nMatch all\n', 'user', 'ann', 3],
  ] as const;
  for (const [what, rule, option, value, at] of rules) {
    it(`under ${what} is told by option, file and line before a window opens`, async () => {
      writeFileSync(configFile, `${rule}${line}\n`);
      const { warned, opened } = await open();
      deepEqual(opened, [], 'nothing opens that would take the message away');
      equal(warned.length, 1);
      ok(warned[0]?.message.includes(`line ${at} of ${configFile} settles ${option} as “${value}`));
      deepEqual(warned[0]?.buttons, ['Show Line', 'Open Anyway']);
      equal((await open('Open Anyway')).opened.length, 1);
      const again = await open();
      deepEqual([again.warned.length, again.opened.length], [0, 1], 'the answer holds for this rule');
    });
  }

  it('that makes too long a path for a socket is named with its bytes and the way out', async () => {
    const path = `/tmp/${'x'.repeat(200)}/%h`;
    writeFileSync(configFile, `${line}\nHost *\n  ControlPath ${path}\n`);
    const { warned, opened } = await open();
    deepEqual(opened, []);
    equal(warned.length, 1);
    match(
      warned[0]?.message ?? '',
      /^local-.* cannot be reached: line 3 of .* sets a ControlPath of 2\d\d bytes for it, and the path of a socket has 107 at most\. Use %C /,
    );
    deepEqual(warned[0]?.buttons, ['Show Line', 'Open Anyway']);
  });

  it('is reported when ssh reads nothing at all because of it', async () => {
    writeFileSync(configFile, `${line}\nProt 22\n`);
    const { warned, opened } = await open();
    deepEqual(opened, []);
    match(warned[0]?.message ?? '', /^ssh cannot read .*: line 2: Bad configuration option: prot/);
    deepEqual(warned[0]?.buttons, ['Open Anyway']);
  });

  it('is shown where it stands', async () => {
    writeFileSync(configFile, `# mine\nMatch all\n  User bob\n${line}\n`);
    deepEqual((await open('Show Line')).opened, []);
    const editor = vscode.window.activeTextEditor;
    equal(editor?.document.uri.fsPath, configFile);
    equal(editor?.selection.active.line, 2);
  });

  it('is told of, too, with the command that is copied', async () => {
    const warned = await warnedDuring(() => command('copySshCommand', row(sandbox)));
    equal(warned.length, 1);
    ok(warned[0]?.message.includes(`line 3 of ${configFile} settles user as “bob”`), warned[0]?.message);
  });
});

describe('the line in the SSH config', () => {
  const question = 'Let Sandbox Explorer add its hosts to your SSH config?';
  const theirs = 'Host other\n  Port 1\n';
  let sandbox: SandboxRecord;
  const open = (answers: readonly string[]) => {
    let opened: Opened[] = [];
    const asking = answeringAll(answers, async () => {
      opened = await openedDuring(() => command('openInRemoteSsh', row(sandbox)));
    });
    return asking.then((asked) => ({ asked, opened }));
  };

  before(async () => {
    mkdirSync(dirname(configFile), { recursive: true, mode: 0o700 });
    const [made] = await makeSandboxes(1);
    ok(made);
    sandbox = made;
  });

  beforeEach(() => writeFileSync(configFile, theirs, { mode: 0o600 }));

  afterEach(async () => {
    chmodSync(configFile, 0o600);
    answerNextWarning('Remove');
    await command('removeSshIntegration');
    equal(readFileSync(configFile, 'utf8'), theirs);
    const anySet = observer.ssh?.anySet;
    if (anySet) await unlessGone(anySet.revoke(sandbox.id));
  });

  after(async () => {
    await observer.delete(sandbox.id);
    rmSync(configFile);
  });

  for (const [what, mode] of [
    ['read-only', 0o400],
    ['unreadable', 0],
  ] as const) {
    it(`is missed in one that is ${what}, which is told until the user knows, and the command is copied all the same`, async () => {
      chmodSync(configFile, mode);
      const copied = async () => {
        await vscode.env.clipboard.writeText('');
        const warned = await warnedDuring(() => command('copySshCommand', row(sandbox)), 'OK');
        return { warned, line: await vscode.env.clipboard.readText() };
      };
      const { warned, line: copy } = await copied();
      equal(warned.length, 1);
      match(
        warned[0]?.message ?? '',
        /^Could not change .* You can put this line at its top yourself: Include /,
      );
      ok(copy.startsWith(`ssh -F ${homedir()}/.ssh/sandbox-explorer/config local-`), copy);
      deepEqual(await shell(`${copy} echo by ssh`), { code: 0, output: 'by ssh\n' });
      deepEqual(await copied(), { warned: [], line: copy });
    });
  }

  it('is asked for before a sandbox is woken or gets an access', async () => {
    await observer.pause?.(sandbox.id);
    const { asked, opened } = await open(['Not Now']);
    deepEqual([asked[0]?.message, opened], [question, []]);
    chmodSync(configFile, 0o400);
    equal((await toldDuring('showErrorMessage', () => open(['Add']))).length, 1);
    equal((await observer.get(sandbox.id)).state, 'paused');
    equal(existsSync(join(homedir(), '.ssh/sandbox-explorer/access')), false);
  });

  it('runs a program of the user’s in the config once for a click, the first one and the next', async () => {
    const ran = join(homedir(), 'ran');
    const config = `Match exec "printf x >> '${ran}'"\n  Compression yes\n${theirs}`;
    writeFileSync(configFile, config);
    for (const runs of ['x', 'xx']) {
      equal((await open(['Add'])).opened.length, 1);
      equal(readFileSync(ran, 'utf8'), runs);
    }
    equal(readFileSync(configFile, 'utf8'), `${line}\n${config}`);
    rmSync(ran);
    writeFileSync(configFile, `${line}\n${theirs}`);
  });

  it('is asked for again, and opens a window only then, where a Host in quotes keeps ssh from the one that is there', async () => {
    await open(['Add']);
    const hidden = `"Host" other\n  Port 1\n${line}\n`;
    writeFileSync(configFile, hidden);
    const declined = await open(['Not Now']);
    deepEqual([declined.asked[0]?.message, declined.opened], [question, []]);
    const { asked, opened } = await open(['Add']);
    deepEqual([asked.length, opened.length], [1, 1]);
    equal(readFileSync(configFile, 'utf8'), `${line}\n${hidden}`);
    writeFileSync(configFile, `${line}\n${theirs}`);
  });

  it('is not needed there by an editor with a config of its own', async () => {
    chmodSync(configFile, 0o400);
    const other = join(homedir(), 'editors-own');
    await withEditorsConfig(other, async () => {
      const { asked, opened } = await open(['Add']);
      deepEqual([asked.length, opened.length], [1, 1]);
      ok(asked[0]?.detail.includes(`${other} (a new file):`) && !asked[0].detail.includes(configFile));
    });
  });

  it('goes to a config of the editor, too, and the question shows both', async () => {
    const other = join(homedir(), 'editors-own');
    await withEditorsConfig(other, async () => {
      const { asked, opened } = await open(['Add']);
      deepEqual([asked.length, opened.length], [1, 1]);
      for (const file of [configFile, `${other} (a new file)`])
        ok(asked[0]?.detail.includes(`${file}:\n${line}`), asked[0]?.detail);
      for (const file of [configFile, other]) ok(readFileSync(file, 'utf8').startsWith(line), file);
    });
  });

  it('goes to no config that only the editor could find', async () => {
    for (const file of ['ssh/config', '${env:HOME}/config'])
      await withEditorsConfig(file, async () => {
        const { asked } = await open(['Not Now']);
        equal(asked[0]?.detail.match(/Include "/g)?.length, 1, asked[0]?.detail);
      });
  });
});

/** Runs a task while Remote-SSH is set to read a config of its own. */
async function withEditorsConfig(file: string, task: () => Promise<void>): Promise<void> {
  const settings = vscode.workspace.getConfiguration('remote.SSH');
  const before = settings.get('configFile');
  await settings.update('configFile', file, vscode.ConfigurationTarget.Global);
  try {
    await task();
  } finally {
    await settings.update('configFile', before, vscode.ConfigurationTarget.Global);
  }
}
