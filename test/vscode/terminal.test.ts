import { deepEqual, equal, ok } from 'node:assert/strict';
import * as vscode from 'vscode';
import type { SandboxRecord } from '../../src/sandboxes/sandbox.ts';
import { SandboxTerminal } from '../../src/window/terminals/sandboxTerminal.ts';
import { createWithDefaults, observer, row, run, until } from './helpers.ts';

describe('a terminal', () => {
  let sandbox: SandboxRecord;

  before(async () => {
    sandbox = await createWithDefaults();
  });

  after(async () => {
    await observer.delete(sandbox.id);
  });

  const open = async (): Promise<vscode.Terminal> => {
    const terminal = await vscode.commands.executeCommand<vscode.Terminal>(
      'sandboxExplorer.openTerminal',
      row(sandbox),
    );
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

  it('writes characters whole that arrive in pieces, and types in order what came before the prompt', async () => {
    const { terminals } = observer;
    ok(terminals);
    const pty = new SandboxTerminal({
      sandboxId: sandbox.id,
      terminals,
      session: undefined,
      onSession: () => {},
    });
    let shown = '';
    pty.onDidWrite((text) => (shown += text));
    pty.open({ columns: 100, rows: 30 });
    for (const key of "printf '\\xe6\\x97'; sleep 0.3; printf '\\xa5\\xe6\\x9c\\xac'; echo; stty size\r")
      pty.handleInput(key);
    await until('the characters', () => shown.includes('日本'));
    await until('the size', () => shown.includes('30 100'));
    ok(!shown.includes('\ufffd'), 'no character was broken');
    await pty.kill();
    pty.close();
  });
});
