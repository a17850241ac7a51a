import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as vscode from 'vscode';
import type { SandboxRecord } from '../../src/sandboxes/sandbox.ts';
import { answering } from './answers.ts';
import {
  answerNextWarning,
  command,
  makeSandboxes,
  observer,
  row,
  run,
  toldDuring,
  until,
} from './helpers.ts';

const port = 7300;

describe('the ports of a sandbox without URLs', () => {
  let sandbox: SandboxRecord;
  const forward = (typed = port) => answering([String(typed)], () => command('forwardPort', row(sandbox)));
  const forwardRow = (localPort = port) => ({
    kind: 'forward',
    sandbox: row(sandbox).sandbox,
    forward: { port, localPort },
  });
  const page = async (at = port) => (await fetch(`http://127.0.0.1:${at}/`)).text();
  const isServed = () => page().then(Boolean, () => false);
  const isEnded = () =>
    until('nothing is forwarded', async () => !(await isServed()) && clients().length === 0);
  const serve = () => run(sandbox.id, `python3 -m http.server ${port} --bind 127.0.0.1 >/dev/null 2>&1 &`);

  /** The ids of the `ssh` that this extension host has started to forward something. */
  function clients(): number[] {
    const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
    return lines.flatMap((line) => {
      const [pid, parent, program] = line.trim().split(/\s+/);
      return program === 'ssh' && Number(parent) === process.pid ? [Number(pid)] : [];
    });
  }

  before(async () => {
    const [made] = await makeSandboxes(1);
    ok(made);
    sandbox = made;
    await run(sandbox.id, 'echo "the page" > index.html');
    await serve();
  });

  after(async () => {
    await observer.delete(sandbox.id);
    await command('refresh');
    await isEnded();
  });

  it('are forwarded to localhost, which a message says', async () => {
    const told = await toldDuring('showInformationMessage', () => forward());
    equal(told[0]?.message, `Port ${port} of ${sandbox.id} is at localhost:${port}.`);
    deepEqual(told[0]?.buttons, ['Open in Browser', 'Copy Address']);
    equal(await page(), 'the page\n');
  });

  it('are forwarded only once', async () => {
    const told = await toldDuring('showInformationMessage', () => forward());
    equal(told[0]?.message, `Port ${port} of ${sandbox.id} is at localhost:${port}.`);
    equal(clients().length, 1);
  });

  it('are opened in the browser, which VS Code leads there from wherever it is', async () => {
    const opened: string[] = [];
    const { openExternal } = vscode.env;
    Object.assign(vscode.env, { openExternal: async (uri: vscode.Uri) => opened.push(uri.toString()) });
    try {
      await answering([String(port)], () => command('openPort', row(sandbox)));
      await command('openForward', forwardRow());
    } finally {
      Object.assign(vscode.env, { openExternal });
    }
    deepEqual(opened, [`http://localhost:${port}/`, `http://localhost:${port}/`]);
    equal(clients().length, 1);
  });

  it('have an address to copy', async () => {
    await command('copyForward', forwardRow());
    match(await vscode.env.clipboard.readText(), new RegExp(`\\b${port}\\b`));
  });

  it('are forwarded until that is stopped', async () => {
    await command('stopForward', forwardRow());
    await isEnded();
  });

  it('are forwarded to another number where their own is for the administrator', async () => {
    await forward();
    const [first] = clients();
    const told = await toldDuring('showInformationMessage', () => forward(22));
    const [, at] = /^Port 22 .* is at localhost:(\d+)\.$/.exec(told[0]?.message ?? '') ?? [];
    ok(Number(at) >= 1024, told[0]?.message);
    equal(clients().length, 2);
    ok(first && clients().includes(first));
  });

  it('end with a pause, and nobody is told what they know', async () => {
    const told = await toldDuring('showWarningMessage', async () => {
      await command('pause', row(sandbox));
      await isEnded();
    });
    equal((await observer.get(sandbox.id)).state, 'paused');
    deepEqual(told, []);
  });

  it('are not forwarded while it does not run, which would wake it', async () => {
    const told = await toldDuring('showErrorMessage', () => command('forwardPort', row(sandbox)));
    match(told[0]?.message ?? '', /is paused: only one that runs has ports to forward\./);
    equal((await observer.get(sandbox.id)).state, 'paused');
    await command('resume', row(sandbox));
  });

  it('are not forwarded, either, when it was paused elsewhere', async () => {
    await observer.pause?.(sandbox.id);
    const told = await toldDuring('showErrorMessage', () => forward());
    match(told[0]?.message ?? '', /only one that runs/);
    equal((await observer.get(sandbox.id)).state, 'paused');
    await command('resume', row(sandbox));
  });

  it('are offered again when their connection has broken', async () => {
    await forward();
    const told = answerNextWarning('Forward Again');
    const [client] = clients();
    ok(client);
    process.kill(client, 'SIGKILL');
    await until('it is said', () => told[0]);
    match(told[0]?.message ?? '', new RegExp(`^Port ${port} of ${sandbox.id} is not forwarded any more: `));
    await until('it is forwarded again', isServed);
    ok(!clients().includes(client));
    await command('stopForward', forwardRow());
    await isEnded();
  });

  it('say which of them could not be forwarded, why, and what to do', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = '/nowhere';
    const told = await toldDuring('showErrorMessage', () => forward()).finally(
      () => (process.env['PATH'] = path),
    );
    equal(
      told[0]?.message,
      `Port ${port} of ${sandbox.id} could not be forwarded: there is no ssh program on this machine. ` +
        'Install OpenSSH, and see to it that ssh is on the PATH of the editor.',
    );
    deepEqual(told[0]?.buttons, ['Retry', 'Show Log']);
  });

  it('stay as they are when credentials that somebody else has made are left alone', async () => {
    answerNextWarning('Revoke');
    await command('revokeSshAccess', row(sandbox));
    const theirs = await observer.ssh?.create(sandbox.id);
    ok(theirs);
    const asked = answerNextWarning('');
    const told = await toldDuring('showErrorMessage', () => forward());
    match(asked[0]?.message ?? '', /was made elsewhere/);
    deepEqual(told, []);
    equal(await observer.ssh?.validate(sandbox.id, theirs), true);
    await rejects(page());
  });
});
