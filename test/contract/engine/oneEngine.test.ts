import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { Client, eventually } from './client.ts';
import { isRunning } from './hosts.ts';
import {
  engineProgram,
  firstLine,
  launch,
  newDataDir,
  startForTest as start,
  type RunningEngine,
  removeProgram,
} from './startEngine.ts';
import { describeForStartersDaily } from './starters.ts';

afterAll(removeProgram);

/** A folder below which an engine may have its own, whoever it runs as. */
function newParent(): string {
  const parent = newDataDir();
  chmodSync(parent, 0o777);
  return parent;
}

function startAgain({ dataDir }: Pick<RunningEngine, 'dataDir'>, ...options: string[]) {
  const args = [engineProgram(), '--data', dataDir, ...options];
  return spawnSync(process.execPath, args, { encoding: 'utf8', cwd: '/' });
}

describeForStartersDaily('the engine of a folder, started by %s,', (options) => {
  it('is found, not doubled, by a second start in the same folder', async () => {
    const engine = await start(options());
    const second = launch({ ...options(), dataDir: engine.dataDir });
    expect(await firstLine(second)).toEqual(engine.line);
    if (second.exitCode === null) await once(second, 'exit');
    expect(second.exitCode).toBe(0);
    expect((await new Client(engine).call('GET', '/v1/engine')).body.pid).toBe(engine.pid);
  });
});

describe('the engine of a folder', () => {
  it("prints Leap0's variables for a shell, at its start and when it is found", async () => {
    const options = ['--listen', '127.0.0.1:0', '--print-environment'];
    const dataDir = newDataDir();
    const child = launch({ dataDir, args: options });
    onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
    const [printed] = (await once(child.stdout ?? child, 'data')) as [Buffer];
    const print = 'printf "%s\\n" "$LEAP0_BASE_URL" "$LEAP0_API_KEY" "$LEAP0_SANDBOX_DOMAIN"';
    const shell = spawnSync('/bin/sh', ['-c', `${printed.toString()}${print}`], { encoding: 'utf8' });
    const [url = '', key = '', domain] = shell.stdout.split('\n');
    const headers = { authorization: `Bearer ${key}` };
    expect((await fetch(`${url}/v1/sandboxes`, { headers })).status).toBe(200);
    // The default would make the SDKs send the key to Leap0.
    expect(domain).toBe('sandbox.invalid');
    expect(startAgain({ dataDir }, ...options).stdout).toBe(printed.toString());
    child.kill('SIGTERM');
    await once(child, 'exit');
  });

  it('says so when it has no address for a shell', async () => {
    const engine = await start();
    const { status, stderr } = startAgain(engine, '--listen', '127.0.0.1:0', '--print-environment');
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringContaining(`process ${engine.pid}, was started without --listen`),
    });
  });

  it.each([
    ['socket', '', ({ socketPath }: RunningEngine) => socketPath],
    [
      'socket elsewhere',
      'a-rather-long-name-'.repeat(6),
      ({ socketPath }: RunningEngine) => dirname(socketPath),
    ],
    ['engine.json', '', ({ dataDir }: RunningEngine) => join(dataDir, 'engine.json')],
  ])('goes on, and is found again, when its %s is cleared away', async (_what, below, victim) => {
    const parent = newParent();
    const engine = await start({ dataDir: join(parent, 'data', below) });
    const sandbox = await new Client(engine).create();
    rmSync(victim(engine), { recursive: true });
    const { socketPath = '' } = await firstLine(launch({ dataDir: engine.dataDir }));
    const client = new Client({ ...engine, socketPath });
    expect((await client.call('GET', '/v1/engine')).body.pid).toBe(engine.pid);
    expect(await client.state(sandbox)).toBe('running');
    expect(await engine.stop()).toBe(0);
    expect(existsSync(socketPath)).toBe(false);
    rmSync(parent, { recursive: true });
  });

  it('is not replaced while it lives but cannot be reached, and the start tells how to end it', async () => {
    const engine = await start();
    process.kill(engine.pid, 'SIGSTOP');
    rmSync(engine.socketPath);
    rmSync(join(engine.dataDir, 'engine.json'));
    const { status, stderr } = startAgain(engine);
    process.kill(engine.pid, 'SIGCONT');
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringContaining(`"kill -9 ${engine.pid}"`),
    });
    expect(isRunning(engine.pid)).toBe(true);
  });

  it('leaves another alone that has a folder in the place of its own', async () => {
    const parent = newParent();
    const dataDir = join(parent, 'data');
    const one = await start({ dataDir });
    renameSync(dataDir, join(parent, 'away'));
    const other = await start({ dataDir });
    expect(other.pid).not.toBe(one.pid);
    expect(await one.stop()).toBe(0);
    expect((await new Client(other).call('GET', '/v1/engine')).body.pid).toBe(other.pid);
    expect(existsSync(join(dataDir, 'engine.json'))).toBe(true);
    await other.stop();
    rmSync(parent, { recursive: true });
  });

  it('is one, when five start at once', async () => {
    const dataDir = newDataDir();
    const children = Array.from({ length: 5 }, () => launch({ dataDir }));
    const lines = await Promise.all(children.map(firstLine));
    expect(new Set(lines.map((line) => JSON.stringify(line))).size).toBe(1);
    const { pid } = JSON.parse(readFileSync(join(dataDir, 'engine.json'), 'utf8'));
    await eventually(() => expect(children.filter((child) => child.exitCode === null)).toHaveLength(1));
    process.kill(pid, 'SIGTERM');
    await eventually(() => expect(children.filter((child) => child.exitCode !== 0)).toEqual([]));
    rmSync(dataDir, { recursive: true });
  });

  it('takes over from one that is on its way out', async () => {
    const engine = await start();
    const sandbox = await new Client(engine).create();
    const stopped = engine.stop();
    const again = await start({ dataDir: engine.dataDir });
    await stopped;
    expect(again.pid).not.toBe(engine.pid);
    expect(await new Client(again).state(sandbox)).toBe('stopped');
  });

  it('starts where an engine was killed before it could say where it was', async () => {
    const engine = await start();
    await engine.crash();
    rmSync(join(engine.dataDir, 'engine.json'));
    expect(existsSync(engine.socketPath)).toBe(true);
    const again = await start({ dataDir: engine.dataDir });
    expect((await new Client(again).call('GET', '/v1/engine')).status).toBe(200);
  });

  it('starts, with all sandboxes, where others were killed while they started', async () => {
    const engine = await start();
    const { dataDir } = engine;
    const client = new Client(engine);
    const sandboxes = await Promise.all([client.create(), client.create(), client.create()]);
    for (const sandbox of sandboxes) await client.run(sandbox, 'echo kept > file');
    await engine.crash();
    for (const waitMs of [20, 60, 90, 120, 150, 200, 300]) {
      const child = launch({ dataDir });
      const exit = once(child, 'exit');
      await delay(waitMs);
      child.kill('SIGKILL');
      await exit;
    }
    const again = new Client(await start({ dataDir }));
    for (const sandbox of sandboxes) {
      expect(await again.state(sandbox)).toBe('stopped');
      await again.call('POST', `${sandbox}/start`);
      expect(await again.run(sandbox, 'cat file')).toBe('kept\n');
    }
  });

  it('does not take over from one that hangs', async () => {
    const engine = await start();
    process.kill(engine.pid, 'SIGSTOP');
    const { status, stderr } = startAgain(engine);
    process.kill(engine.pid, 'SIGCONT');
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining(String(engine.pid)) });
    expect((await new Client(engine).call('GET', '/v1/engine')).status).toBe(200);
  });
});
