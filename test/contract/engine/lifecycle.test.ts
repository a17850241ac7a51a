import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Client, eventually } from './client.ts';
import { descendantsOf, isRunning, killJail, processorTime } from './hosts.ts';
import { dispose, startEngine, type RunningEngine, removeProgram } from './startEngine.ts';
import { describeForStartersDaily } from './starters.ts';

afterAll(removeProgram);

describeForStartersDaily("the life of a sandbox on %s's engine", (options) => {
  let engine: RunningEngine;
  let client: Client;

  beforeAll(async () => {
    engine = await startEngine(options());
    client = new Client(engine);
  });
  afterAll(() => dispose(engine));

  const record = (sandbox: string) =>
    JSON.parse(
      readFileSync(join(engine.dataDir, sandbox.replace('/v1/sandbox', 'sandboxes'), 'sandbox.json'), 'utf8'),
    );

  it('goes from create to delete, each answer with the status that Leap0 documents', async () => {
    const created = await client.call('POST', '/v1/sandbox/', {});
    expect(created).toMatchObject({ status: 201, body: { state: 'running' } });
    const sandbox = `/v1/sandbox/${created.body.id}`;
    expect(await client.call('POST', `${sandbox}/pause`)).toMatchObject({
      status: 201,
      body: { state: 'paused' },
    });
    expect(await client.run(sandbox, 'echo awake')).toBe('awake\n');
    expect(await client.call('POST', `${sandbox}/stop`)).toMatchObject({
      status: 200,
      body: { state: 'stopped' },
    });
    expect(await client.call('POST', `${sandbox}/start/`)).toMatchObject({
      status: 200,
      body: { state: 'running' },
    });
    expect(await client.call('DELETE', `${sandbox}/`)).toMatchObject({ status: 204, body: undefined });
    expect(await client.state(sandbox)).toBe('gone');
  });

  it('puts every state on disk before it answers', async () => {
    const sandbox = await client.create();
    expect(record(sandbox).state).toBe('running');
    await client.call('POST', `${sandbox}/pause`);
    expect(record(sandbox).state).toBe('paused');
    await client.run(sandbox, 'true');
    expect(record(sandbox).state).toBe('running');
    await client.call('POST', `${sandbox}/stop`);
    expect(record(sandbox).state).toBe('stopped');
    await client.call('DELETE', sandbox);
    expect(existsSync(join(engine.dataDir, sandbox.replace('/v1/sandbox', 'sandboxes')))).toBe(false);
  });

  it('keeps the disk over stop and start, and nothing else', async () => {
    const sandbox = await client.create();
    await client.run(sandbox, 'echo kept > file; echo lost > /tmp/file; sleep 600 >/dev/null 2>&1 &');
    await client.call('POST', `${sandbox}/stop`);
    await client.call('POST', `${sandbox}/start`);
    expect(await client.run(sandbox, 'cat file; ls /tmp; pgrep -fc "[s]leep 600"')).toBe('kept\n0\n');
  });

  it('rests while it is paused, and goes on where it was', async () => {
    const sandbox = await client.create();
    await client.run(sandbox, '(n=0; while :; do n=$((n+1)); echo $n > count; done) >/dev/null 2>&1 &');
    const disk = () => readCount(engine, sandbox);
    await eventually(() => expect(disk()).toBeGreaterThan(10));
    await client.call('POST', `${sandbox}/pause`);
    const atPause = disk();
    const processes = descendantsOf(engine.pid);
    const used = () => processes.reduce((sum, pid) => sum + processorTime(pid), 0);
    const usedAtPause = used();
    await delay(1000);
    expect(disk()).toBe(atPause);
    expect(used()).toBe(usedAtPause);
    expect(await client.state(sandbox)).toBe('paused');
    await client.run(sandbox, 'true');
    await eventually(() => expect(disk()).toBeGreaterThan(atPause));
    await client.call('DELETE', sandbox);
  });

  it('leaves stopped what was stopped before a pause', async () => {
    const sandbox = await client.create();
    const screen = await (await client.terminal(sandbox)).prompt();
    await screen.ask('sleep 601 & sleep 0.2; kill -STOP $!; sleep 0.1; echo do""ne', /done/);
    await client.call('POST', `${sandbox}/pause`);
    await client.run(sandbox, 'true');
    expect(await client.run(sandbox, 'ps -o stat= -C sleep | cut -c1')).toBe('T\n');
  });

  it('catches a process that flees from one fork to the next', async () => {
    const sandbox = await client.create();
    await client.run(sandbox, 'echo \'sh "$0" &\' > hop; (sh hop) >/dev/null 2>&1');
    expect((await client.call('POST', `${sandbox}/pause`)).status).toBe(201);
    const processes = descendantsOf(engine.pid);
    await delay(500);
    // One that flees is a new one; a helper of the engine's may still have been ending at the first look.
    expect(processes).toEqual(expect.arrayContaining(descendantsOf(engine.pid)));
    expect((await client.call('DELETE', sandbox)).status).toBe(204);
  });

  it.each([
    // Unlike dash, bash tries again when it cannot fork.
    ['has every process that it may', `bash -c 'bomb() { bomb | bomb & }; bomb' >/dev/null 2>&1`, 1000],
    [
      'forks and ends in many places at once',
      `perl -e '$SIG{CHLD}="IGNORE"; for (1..20) { if (!fork) { while (1) { fork or exit } } } sleep' >/dev/null 2>&1 &`,
      20,
    ],
  ])('can be paused, woken and deleted while a fork bomb %s', async (_what, bomb, processCount) => {
    const sandbox = await client.create();
    onTestFinished(async () => void (await client.call('DELETE', sandbox)));
    await client.run(sandbox, bomb);
    await eventually(() => expect(descendantsOf(engine.pid).length).toBeGreaterThan(processCount));
    expect((await client.call('POST', `${sandbox}/pause`)).status).toBe(201);
    const processes = descendantsOf(engine.pid);
    const used = new Map(processes.map((pid) => [pid, processorTime(pid)]));
    await delay(500);
    for (const pid of processes.filter(isRunning)) expect(processorTime(pid)).toBe(used.get(pid));
    expect(processes).toEqual(expect.arrayContaining(descendantsOf(engine.pid)));
    expect(await client.run(sandbox, 'echo awake')).toBe('awake\n');
    expect((await client.call('DELETE', sandbox)).status).toBe(204);
  });

  it('is not resumed by looking at it, and is by a command', async () => {
    const sandbox = await client.create();
    const session = (await client.terminal(sandbox)).session;
    await client.call('POST', `${sandbox}/pause`);
    for (const path of [sandbox, '/v1/sandboxes', `${sandbox}/pty`, session]) {
      expect((await client.call('GET', path)).status).toBe(200);
      expect(await client.state(sandbox)).toBe('paused');
    }
    expect((await client.call('DELETE', session)).status).toBe(204);
    expect(await client.state(sandbox)).toBe('paused');
    await client.run(sandbox, 'true');
    expect(await client.state(sandbox)).toBe('running');
  });

  it('refuses what its state does not allow with 409, and says why', async () => {
    const sandbox = await client.create();
    const refused = async (call: string) => {
      const answer = await client.call(
        'POST',
        `${sandbox}/${call}`,
        call === 'process/execute' ? { command: 'true' } : {},
      );
      expect(answer).toMatchObject({ status: 409, body: { message: expect.stringMatching(/./) } });
    };
    await refused('start');
    await client.call('POST', `${sandbox}/pause`);
    for (const call of ['pause', 'stop', 'start']) await refused(call);
    await client.run(sandbox, 'true');
    await client.call('POST', `${sandbox}/stop`);
    for (const call of ['pause', 'stop', 'process/execute', 'pty']) await refused(call);
  });

  it('lets one of two calls at once win, and answers 409 to the other', async () => {
    const sandbox = await client.create();
    const calls = ['pause', 'stop', 'pause', 'stop'].map((name) => client.call('POST', `${sandbox}/${name}`));
    const statuses = (await Promise.all(calls)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 409)).toHaveLength(3);
    expect(Math.min(...statuses)).toBeLessThan(300);
  });

  it('deletes a sandbox after what is being done with it, however often it is asked to', async () => {
    const sandbox = await client.create();
    const calls = ['POST stop', 'DELETE ', 'DELETE '].map((call) => {
      const [method = '', verb] = call.split(' ');
      return client.call(method, `${sandbox}/${verb}`);
    });
    const [stop, first, second] = (await Promise.all(calls)).map(({ status }) => status);
    expect([stop, first]).toEqual([200, 204]);
    // The second one may come when all is over.
    expect([204, 404]).toContain(second);
    expect(await client.state(sandbox)).toBe('gone');
  });

  it('makes two sandboxes of two calls to create', async () => {
    const [one, two] = await Promise.all([client.create(), client.create()]);
    expect(one).not.toBe(two);
  });

  it('deletes a disk whatever a sandbox has done to it, and nothing that its links point to', async () => {
    const sandbox = await client.create();
    const precious = join(engine.dataDir, 'token');
    await client.run(
      sandbox,
      `ln -s ${engine.dataDir} out; ln -s ${precious} file; mkdir -p a/b/c; touch a/b/c/d; chmod 000 a/b/c a/b a; chmod 000 .`,
    );
    expect((await client.call('DELETE', sandbox)).status).toBe(204);
    expect(existsSync(join(engine.dataDir, sandbox.replace('/v1/sandbox', 'trash')))).toBe(false);
    expect(existsSync(precious)).toBe(true);
  });

  it('is stopped, not lost, when something kills its jail', async () => {
    const sandbox = await client.create();
    await client.run(sandbox, 'echo kept > file');
    killJail(engine, sandbox);
    await eventually(async () => expect(await client.state(sandbox)).toBe('stopped'));
    expect(await client.call('POST', `${sandbox}/start`)).toMatchObject({ status: 200 });
    expect(await client.run(sandbox, 'cat file')).toBe('kept\n');
  });
});

describe('time-outs', () => {
  let engine: RunningEngine;
  let client: Client;

  beforeAll(async () => {
    engine = await startEngine();
    client = new Client(engine);
  });
  afterAll(() => dispose(engine));

  it('delete a sandbox', async () => {
    const sandbox = await client.create({ timeout: 1 });
    await eventually(async () => expect(await client.state(sandbox)).toBe('gone'));
  });

  it('pause a sandbox with auto_pause, which gets its full time anew when it is resumed', async () => {
    const sandbox = await client.create({ timeout: 2, auto_pause: true });
    await eventually(async () => expect(await client.state(sandbox)).toBe('paused'));
    const before = Date.now();
    await client.run(sandbox, 'true');
    const { body } = await client.call('GET', '/v1/sandboxes');
    const item = body.items.find((each: { id: string }) => sandbox.endsWith(each.id));
    expect(item.timeout_at * 1000).toBeGreaterThanOrEqual(before + 2000);
    await eventually(async () => expect(await client.state(sandbox)).toBe('paused'));
  });

  it('do not run while a sandbox is stopped, and begin anew when it is started', async () => {
    const sandbox = await client.create({ timeout: 2 });
    await client.call('POST', `${sandbox}/stop`);
    await delay(2500);
    expect(await client.state(sandbox)).toBe('stopped');
    await client.call('POST', `${sandbox}/start`);
    expect(await client.state(sandbox)).toBe('running');
    await eventually(async () => expect(await client.state(sandbox)).toBe('gone'));
  });
});

function readCount(engine: RunningEngine, sandbox: string): number {
  const disk = join(engine.dataDir, sandbox.replace('/v1/sandbox', 'sandboxes'), 'disk');
  return Number(readFileSync(join(disk, 'count'), 'utf8'));
}
