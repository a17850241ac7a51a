import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import type * as vscode from 'vscode';
import type { SandboxExplorerApi, SandboxInfo } from '../../src/window/api/types.ts';
import { extension, observer, run, until } from './helpers.ts';

describe('the API for other extensions', () => {
  let api: SandboxExplorerApi;
  let made: SandboxInfo;

  before(async () => {
    api = await extension.activate();
  });

  after(async () => {
    for (const { key } of await api.list()) await api.delete(key);
  });

  it('has a version', () => equal(api.version, 1));

  it('creates what was asked for, and tells of it when it runs', async () => {
    let changes = 0;
    const subscription = api.onDidChange(() => changes++);
    made = await api.create({ name: 'from elsewhere', memoryMib: 512, timeoutMinutes: 10 });
    subscription.dispose();
    ok(changes > 0, 'a change was told');
    equal(made.key, `local/${made.id}`);
    deepEqual(
      [made.account, made.provider, made.name, made.state, made.vcpu, made.memoryMib],
      ['local', 'local', 'from elsewhere', 'running', 1, 512],
    );
    equal((await observer.get(made.id)).timeoutSeconds, 600);
  });

  it('tells of changes as every event of VS Code does', async () => {
    const subscriptions: vscode.Disposable[] = [];
    const counter = { changes: 0 };
    function count(this: typeof counter): void {
      this.changes++;
    }
    api.onDidChange(count, counter, subscriptions);
    await api.get(made.key);
    ok(counter.changes > 0, 'the listener was called as a method of its own object');
    equal(subscriptions.length, 1);
    for (const subscription of subscriptions) subscription.dispose();
    counter.changes = 0;
    await api.get(made.key);
    equal(counter.changes, 0);
  });

  it('does its work whatever a listener of another extension throws', async () => {
    const subscription = api.onDidChange(() => {
      throw new Error('the fault of another extension');
    });
    try {
      const other = await api.create();
      equal((await api.pause(other.key)).state, 'paused');
      equal((await observer.get(other.id)).state, 'paused');
      await api.refresh();
      await api.delete(other.key);
    } finally {
      subscription.dispose();
    }
  });

  it('refuses what the service does not have, before anything is sent', async () => {
    const before = (await observer.list()).length;
    await rejects(api.create({ vcpu: 99 }), { kind: 'invalid', message: /vcpu: .*from 1 to 8/ });
    await rejects(api.create({ template: '' }), { kind: 'invalid' });
    await rejects(api.create({ account: 'nobody' }), { kind: 'notFound' });
    equal((await observer.list()).length, before);
  });

  it('lists it, and reads one with its details', async () => {
    ok((await api.list()).some(({ key }) => key === made.key));
    equal((await api.get(made.key)).template, made.template);
    await rejects(api.get('local/nothing'), { kind: 'notFound' });
  });

  it('runs a command in a folder, with variables, and answers all of its output', async () => {
    const command = 'pwd; echo "$WORD"; echo wrong >&2; exit 3';
    const result = await api.run(made.key, command, { cwd: '/usr', env: { WORD: 'ä' } });
    deepEqual([result.exitCode, result.stdout, result.stderr], [3, '/usr\nä\n', 'wrong\n']);
    deepEqual(Buffer.from(result.stdoutBytes), Buffer.from('/usr\nä\n'));
    deepEqual(Buffer.from(result.stderrBytes), Buffer.from('wrong\n'));
  });

  it('says how much of an output is missing, and adds nothing to it', async () => {
    const all = await api.run(made.key, 'seq 5');
    deepEqual([all.stdoutCut, all.stderrCut], [0, 0]);
    for (const character of ['x', '\\001']) {
      const wide = `head -c 6000000 /dev/zero | tr '\\0' '${character}'`;
      const { exitCode, stdoutBytes, stdoutCut, stderrCut } = await api.run(made.key, wide);
      equal(exitCode, 0);
      ok(stdoutCut > 0);
      equal(stdoutBytes.length + stdoutCut, 6_000_000);
      equal(new Set(stdoutBytes).size, 1, 'the output is what the command wrote, and nothing else');
      equal(stderrCut, 0);
    }
    const wrong = await api.run(made.key, 'head -c 5000000 /dev/zero >&2; echo fine');
    deepEqual([wrong.stdout, wrong.stdoutCut], ['fine\n', 0]);
    equal(wrong.stderrBytes.length + wrong.stderrCut, 5_000_000);
  });

  it('runs a command on a terminal', async () => {
    match((await api.run(made.key, 'tty', { tty: true })).stdout, /^\/dev\/pts\//);
  });

  it('kills a command that takes longer than it may', async () => {
    await rejects(api.run(made.key, 'sleep 300', { timeoutMs: 300 }), { kind: 'timeout' });
    await until('the command is gone', async () => {
      const { stdout } = await api.run(made.key, 'pgrep -c sleep || true');
      return stdout.trim() === '0' || undefined;
    });
  });

  it('takes as long as it may for a command, but no time that is none', async () => {
    for (const timeoutMs of [28_800_000, 20_000.5]) {
      equal((await api.run(made.key, 'echo fine', { timeoutMs })).stdout, 'fine\n');
    }
    for (const timeoutMs of [-1, 0, NaN, Infinity, 28_800_001]) {
      await rejects(api.run(made.key, 'true', { timeoutMs }), { kind: 'invalid', message: /timeoutMs/ });
    }
  });

  it('opens a terminal on a new session, and shows the one that a session has', async () => {
    const terminal = await api.openTerminal(made.key);
    const session = await until('the session is there', async () => {
      return (await observer.terminals?.list(made.id))?.[0];
    });
    equal(await api.openTerminal(made.key, { session: session.id }), terminal);
    await rejects(api.openTerminal(made.key, { session: 'no such' }), { kind: 'notFound' });
    terminal.dispose();
  });

  it('opens a terminal in the folder, with the variables and the shell that were asked for', async () => {
    const wanted = { cwd: '/tmp', env: { WORD: 'given' }, shell: '/bin/sh' };
    const terminal = await api.openTerminal(made.key, wanted);
    terminal.sendText('echo "$0 $PWD $WORD" > ~/started.txt');
    await until(
      'it is so',
      async () => (await run(made.id, 'cat started.txt || true')).trim() === '/bin/sh /tmp given',
    );
    terminal.dispose();
    await rejects(api.openTerminal(made.key, { shell: 'sh -c id' }), { kind: 'invalid' });
  });

  it('resolves a change of state when the sandbox has arrived in it', async () => {
    equal((await api.pause(made.key)).state, 'paused');
    equal((await observer.get(made.id)).state, 'paused');
    equal((await api.resume(made.key)).state, 'running');
    equal((await api.stop(made.key)).state, 'stopped');
    await rejects(api.pause(made.key), { kind: 'conflict' });
    equal((await api.start(made.key)).state, 'running');
  });

  it('wakes nothing: a command for a sandbox that sleeps is refused', async () => {
    // By another client, so that this window still believes that it runs.
    await observer.pause?.(made.id);
    await rejects(api.run(made.key, 'true'), { kind: 'conflict', message: /from elsewhere is paused/ });
    equal((await observer.get(made.id)).state, 'paused');
  });

  it('wakes nothing: a terminal in a sandbox that sleeps is refused', async () => {
    equal((await api.resume(made.key)).state, 'running');
    await observer.pause?.(made.id);
    await rejects(api.openTerminal(made.key), { kind: 'conflict', message: /from elsewhere is paused/ });
    equal((await observer.get(made.id)).state, 'paused');
  });

  it('changes a sandbox as it is, whatever this window believes of it', async () => {
    equal((await api.resume(made.key)).state, 'running');
    // As the service does at the time-out.
    await observer.pause?.(made.id);
    equal((await api.resume(made.key)).state, 'running');
    await observer.stop?.(made.id);
    equal((await api.start(made.key)).state, 'running');
  });

  it('deletes without a question, and knows it no longer', async () => {
    await api.delete(made.key);
    equal(
      (await observer.list()).some(({ id }) => id === made.id),
      false,
    );
    await rejects(api.delete(made.key), { kind: 'notFound' });
  });
});
