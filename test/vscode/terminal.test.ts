import { deepEqual, equal, match, ok, throws } from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Terminals } from '../../src/sandboxes/provider.ts';
import type { SandboxRecord } from '../../src/sandboxes/sandbox.ts';
import { type NewSession, SandboxTerminal } from '../../src/window/terminals/sandboxTerminal.ts';
import {
  command,
  createWithDefaults,
  observer,
  row,
  run,
  toldDuring,
  until,
  withSettings,
} from './helpers.ts';

describe('a terminal', () => {
  let sandbox: SandboxRecord;

  before(async () => {
    sandbox = await createWithDefaults();
  });

  after(async () => {
    await observer.delete(sandbox.id);
  });

  const tryToOpen = () => command<vscode.Terminal | undefined>('openTerminal', row(sandbox));
  const open = async (): Promise<vscode.Terminal> => {
    const terminal = await tryToOpen();
    ok(terminal);
    return terminal;
  };
  const sessions = async () =>
    (await observer.terminals?.list(sandbox.id))?.filter(({ active }) => active) ?? [];
  const contents = (file: string) =>
    until(file, async () => (await run(sandbox.id, `cat ${file} 2>/dev/null || true`)).trim() || undefined);
  const closed = (terminal: vscode.Terminal) =>
    new Promise<vscode.TerminalExitStatus | undefined>((resolve) => {
      const subscription = vscode.window.onDidCloseTerminal((one) => {
        if (one !== terminal) return;
        subscription.dispose();
        resolve(one.exitStatus);
      });
    });

  const quit = async (terminal: vscode.Terminal) => {
    const end = closed(terminal);
    terminal.sendText('exit');
    await end;
  };

  it('has the size of its panel from the first prompt on', async () => {
    const terminal = await open();
    terminal.sendText('stty size > size.txt');
    const [rows, columns] = (await contents('size.txt')).split(' ').map(Number);
    ok(
      rows && columns && rows > 2 && columns > 20 && `${rows}x${columns}` !== '24x80',
      `${rows} x ${columns}`,
    );
    await quit(terminal);
  });

  it('has job control and its own terminal device', async () => {
    const terminal = await open();
    terminal.sendText('sleep 300 &');
    terminal.sendText('(tty; jobs) > jobs.txt; set -o | grep monitor >> jobs.txt');
    await until('job control', async () =>
      /dev\/pts[^]*monitor\s+on/.test(await run(sandbox.id, 'cat jobs.txt || true')),
    );
    await quit(terminal);
  });

  it('survives ten megabytes of output, and takes input after them', async () => {
    const terminal = await open();
    await run(sandbox.id, 'head -c 7500000 /dev/urandom | base64 > big.txt');
    terminal.sendText('cat big.txt; echo survived > survived.txt');
    equal(await contents('survived.txt'), 'survived');
    await quit(terminal);
  });

  it('tells the exit code of its shell, and closes its tab', async () => {
    const terminal = await open();
    const end = closed(terminal);
    terminal.sendText('exit 3');
    equal((await end)?.code, 3);
    deepEqual(await until('the session ends', async () => (await sessions()).length === 0), true);
  });

  it('is only left when it is disposed of without the user', async () => {
    const terminal = await open();
    terminal.sendText('echo here > here.txt');
    await contents('here.txt');
    const end = closed(terminal);
    terminal.dispose();
    await end;
    equal((await sessions()).length, 1);
  });

  it('attaches to a session that was left, and kills it on demand', async () => {
    const [session] = await sessions();
    ok(session);
    const node = { ...row(sandbox), kind: 'session', session, attached: false };
    const terminal = await vscode.commands.executeCommand<vscode.Terminal>(
      'sandboxExplorer.attachSession',
      node,
    );
    terminal.sendText('echo again > again.txt');
    equal(await contents('again.txt'), 'again');
    const same = await vscode.commands.executeCommand<vscode.Terminal>('sandboxExplorer.attachSession', node);
    equal(same, terminal, 'a session has one tab in a window');
    const end = closed(terminal);
    await vscode.commands.executeCommand('sandboxExplorer.killSession', node);
    await end;
    equal((await sessions()).length, 0);
  });

  /** A pseudoterminal of the extension's without a tab, and what it has written. */
  const pseudoterminal = (newSession?: NewSession, terminals = observer.terminals) => {
    ok(terminals);
    const pty = new SandboxTerminal({
      sandboxId: sandbox.id,
      terminals,
      session: undefined,
      ...(newSession && { newSession }),
      onSession: () => {},
    });
    const written = { text: '' };
    pty.onDidWrite((text) => (written.text += text));
    pty.open({ columns: 100, rows: 30 });
    return { pty, written };
  };

  it('starts with the ID, the folder, the variables and the shell that were asked for', async () => {
    const { pty, written } = pseudoterminal({
      id: 'my-session',
      cwd: '/tmp',
      env: { WORD: 'a "b" $c' },
      shell: '/bin/sh',
    });
    for (const key of 'echo "<$0|$PWD|$WORD>"\r') pty.handleInput(key);
    await until('the answer', () => written.text.includes('</bin/sh|/tmp|a "b" $c>'));
    equal(pty.session?.id, 'my-session');
    await pty.kill();
    pty.close();
  });

  it('writes all that its shell puts out before it ends, and then ends with the exit code of its shell', async () => {
    const { pty, written } = pseudoterminal();
    const end = new Promise((resolve) => pty.onDidClose((code) => resolve(code)));
    pty.handleInput('echo; seq 1 200000; exit 3\r');
    equal(await end, 3);
    const lines = written.text.split('\r\n').filter((line) => /^\d+$/.test(line));
    deepEqual(
      lines,
      Array.from({ length: 200_000 }, (_, index) => String(index + 1)),
    );
    pty.close();
  });

  it('refuses a shell that could be more than a path to the shell that is told to become it', () => {
    for (const shell of ['/bin/sh;id', '/bin/sh\r', 'sh', '/bin/$(id)']) {
      throws(() => pseudoterminal({ shell }), { kind: 'invalid' }, shell);
    }
  });

  const isAnEditor = () =>
    vscode.window.tabGroups.all
      .flatMap(({ tabs }) => tabs)
      .some(({ input }) => input instanceof vscode.TabInputTerminal);

  it('opens where the settings say, in the folder that they name', async () => {
    const settings = { 'terminal.location': 'editor', 'terminal.defaultFolder': '/var/tmp' };
    await withSettings(settings, async () => {
      const terminal = await open();
      terminal.sendText('pwd > ~/folder.txt');
      equal(await contents('folder.txt'), '/var/tmp');
      await until('it is an editor', isAnEditor);
      await quit(terminal);
    });
  });

  it('follows the location of other terminals unless the settings say something else', async () => {
    const integrated = vscode.workspace.getConfiguration('terminal.integrated');
    await integrated.update('defaultLocation', 'editor', vscode.ConfigurationTarget.Global);
    const terminal = await open();
    await until('it is an editor', isAnEditor);
    await quit(terminal);
    await integrated.update('defaultLocation', undefined, vscode.ConfigurationTarget.Global);
  });

  it('is not opened in a folder that is no absolute path, and the message opens the settings', async () => {
    await withSettings({ 'terminal.defaultFolder': 'project' }, async () => {
      const told = await toldDuring('showErrorMessage', async () => equal(await tryToOpen(), undefined));
      match(told[0]?.message ?? '', /sandboxExplorer\.terminal\.defaultFolder must be an absolute path/);
      deepEqual(told[0]?.buttons, ['Open Settings', 'Show Log']);
    });
  });

  it('says that it is connecting when that takes long, and wipes it away', async () => {
    const { terminals } = observer;
    ok(terminals);
    const slow: Terminals = {
      list: (id) => terminals.list(id),
      create: (id, request) => terminals.create(id, request),
      delete: (id, sessionId) => terminals.delete(id, sessionId),
      connect: async (id, sessionId, options) => {
        await new Promise((resolve) => setTimeout(resolve, 1_500));
        return terminals.connect(id, sessionId, options);
      },
    };
    const { pty, written } = pseudoterminal({}, slow);
    await until('the words', () => written.text.includes('Connecting…'));
    await until('the prompt', () => written.text.endsWith('$ '));
    ok(/Connecting….*\r.*2K/.test(written.text), written.text);
    await pty.kill();
    pty.close();
  });

  it('lets everybody know what has become of its sandbox when its connection ends', async () => {
    await open();
    await command('showDetails', row(sandbox));
    const document = vscode.window.activeTextEditor?.document;
    ok(document);
    await observer.pause?.(sandbox.id);
    await until('it is shown as paused', () => document.getText().includes('"paused"'));
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await command('resume', row(sandbox));
  });

  it('writes characters whole that arrive in pieces, and types in order what came before the prompt', async () => {
    const { pty, written } = pseudoterminal();
    for (const key of "printf '\\xe6\\x97'; sleep 0.3; printf '\\xa5\\xe6\\x9c\\xac'; echo; stty size\r")
      pty.handleInput(key);
    await until('the characters', () => written.text.includes('日本'));
    await until('the size', () => written.text.includes('30 100'));
    ok(!written.text.includes('\ufffd'), 'no character was broken');
    await pty.kill();
    pty.close();
  });
});
