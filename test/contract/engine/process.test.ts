import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { Client, eventually } from './client.ts';
import { descendantsOf, isRoot, isRunning, processesWith } from './hosts.ts';
import {
  engineProgram,
  firstLine,
  launch,
  newDataDir,
  startForTest as start,
  type RunningEngine,
  removeProgram,
} from './startEngine.ts';
import { describeForStarters } from './starters.ts';

afterAll(removeProgram);

/** A busy engine: a sandbox with a file, a command in the background and a terminal, and another that is paused. */
async function busy(engine: RunningEngine) {
  const client = new Client(engine);
  const [running, paused] = await Promise.all([client.create(), client.create()]);
  await client.run(
    running,
    'echo kept > file; (sleep 900 &) >/dev/null 2>&1; setsid sleep 901 >/dev/null 2>&1 &',
  );
  const screen = await (await client.terminal(running)).prompt();
  await (await client.terminal(paused)).prompt();
  await client.call('POST', `${paused}/pause`);
  const processes = descendantsOf(engine.pid);
  expect(processes.length).toBeGreaterThan(8);
  return { client, running, paused, screen, processes };
}

const nothingIsLeft = async (engine: RunningEngine, processes: number[]) => {
  await eventually(() => expect(processes.filter(isRunning)).toEqual([]));
  expect(processesWith(engine.dataDir)).toEqual([]);
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(engine.dataDir);
};

describeForStarters("%s's engine", (options, who) => {
  it('leaves nothing but its disks when it is told to end', async () => {
    const engine = await start(options());
    const { processes, screen } = await busy(engine);
    expect(await engine.stop()).toBe(0);
    expect(await screen.closed).toBe(1001);
    await nothingIsLeft(engine, processes);
    expect(existsSync(engine.socketPath)).toBe(false);
    expect(existsSync(join(engine.dataDir, 'engine.json'))).toBe(false);
  });

  it('finds stopped sandboxes with their disks after it was killed, and no orphan is left', async () => {
    const engine = await start(options());
    const { running, paused, processes } = await busy(engine);
    await engine.crash();
    await nothingIsLeft(engine, processes);
    const again = await start({ ...options(), dataDir: engine.dataDir });
    const client = new Client(again);
    expect(await client.state(running)).toBe('stopped');
    expect(await client.state(paused)).toBe('stopped');
    await client.call('POST', `${running}/start`);
    expect(await client.run(running, 'cat file')).toBe('kept\n');
  });

  it('removes what was half made when it was killed', async () => {
    const engine = await start(options());
    await engine.crash();
    const halfMade = join(engine.dataDir, 'sandboxes/sbx-abcdefghijkl/disk');
    mkdirSync(halfMade, { recursive: true });
    execFileSync('chown', [
      '-R',
      '--reference',
      engine.dataDir,
      join(engine.dataDir, 'sandboxes/sbx-abcdefghijkl'),
    ]);
    const again = await start({ ...options(), dataDir: engine.dataDir });
    await eventually(() => expect(existsSync(halfMade)).toBe(false));
    expect((await new Client(again).call('GET', '/v1/sandboxes')).body.items).toEqual([]);
  });

  it('leaves alone what is not its own among its sandboxes and snapshots', async () => {
    const engine = await start(options());
    await engine.stop();
    const strays = ['sandboxes/my-notes', 'snapshots/sbx-notes'].map((name) => join(engine.dataDir, name));
    for (const stray of strays) {
      mkdirSync(stray);
      writeFileSync(join(stray, 'precious'), 'mine');
      execFileSync('chown', ['-R', '--reference', engine.dataDir, stray]);
    }
    await start({ ...options(), dataDir: engine.dataDir });
    for (const stray of strays) expect(readFileSync(join(stray, 'precious'), 'utf8')).toBe('mine');
  });

  it('keeps its token and its folder to its user', async () => {
    const engine = await start(options());
    expect(lstatSync(engine.dataDir).mode & 0o777).toBe(0o700);
    expect(lstatSync(engine.line.tokenFile).mode & 0o777).toBe(0o600);
    expect(readFileSync(engine.line.tokenFile, 'utf8')).toMatch(/^[A-Za-z0-9_-]{43}\n$/);
    const uid = Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${engine.pid}/status`, 'utf8'))?.[1]);
    expect(lstatSync(engine.dataDir).uid).toBe(uid);
    if (who === 'root') expect(uid).not.toBe(0);
    expect(readFileSync(`/proc/${engine.pid}/status`, 'utf8')).toMatch(/^CapEff:\s+0+$/m);
  });
});

describe('an engine', () => {
  it('speaks TCP when it is told to, and is found by it', async () => {
    const engine = await start({ args: ['--listen', '127.0.0.1:0'] });
    expect(engine.line).toEqual({
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      tokenFile: join(engine.dataDir, 'token'),
    });
    expect((await new Client(engine).call('GET', '/v1/engine', undefined, { tcp: true })).status).toBe(200);
    const asked = await firstLine(launch({ dataDir: engine.dataDir, args: ['--listen', '127.0.0.1:0'] }));
    expect(asked).toEqual(engine.line);
    const unasked = await firstLine(launch({ dataDir: engine.dataDir }));
    expect(unasked).toEqual({ socketPath: engine.socketPath, tokenFile: engine.line.tokenFile });
  });

  it('puts its socket elsewhere when its folder has a long path, and takes it away again', async () => {
    const parent = newDataDir();
    const dataDir = join(parent, 'a-rather-long-name-'.repeat(6));
    if (isRoot) execFileSync('chmod', ['755', parent]);
    const engine = await start({ dataDir });
    expect(Buffer.byteLength(engine.socketPath)).toBeLessThan(104);
    expect(lstatSync(dirname(engine.socketPath)).mode & 0o777).toBe(0o700);
    expect((await new Client(engine).call('GET', '/v1/engine')).status).toBe(200);
    await engine.crash();
    const again = await start({ dataDir });
    expect(existsSync(dirname(engine.socketPath))).toBe(false);
    await again.stop();
    expect(existsSync(dirname(again.socketPath))).toBe(false);
    rmSync(parent, { recursive: true });
  });

  it('ends when nobody needs it, and not before', async () => {
    const engine = await start({ args: ['--idle-exit', '1'] });
    const client = new Client(engine);
    const sandbox = await client.create();
    await delay(2500);
    expect(await client.state(sandbox)).toBe('running');
    await client.call('POST', `${sandbox}/stop`);
    await eventually(() => expect(engine.child.exitCode).toBe(0));
  });

  it('refuses a folder that holds other files, and leaves it as it was', () => {
    const dataDir = newDataDir();
    execFileSync('chmod', ['750', dataDir]);
    writeFileSync(join(dataDir, 'thesis.txt'), 'mine');
    const { status, stderr } = run(['--data', dataDir]);
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('empty or new') });
    expect(lstatSync(dataDir)).toMatchObject({ uid: process.getuid?.() });
    expect(lstatSync(dataDir).mode & 0o777).toBe(0o750);
    rmSync(dataDir, { recursive: true });
  });

  it.runIf(isRoot)('says so when its user cannot reach the folder', () => {
    const parent = newDataDir();
    const { status, stderr } = run(['--data', join(parent, 'data')]);
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('/var/lib/') });
    rmSync(parent, { recursive: true });
  });

  it('says so when a port is taken', async () => {
    const engine = await start({ args: ['--listen', '127.0.0.1:0'] });
    const { port } = new URL(engine.url ?? '');
    const dataDir = newDataDir();
    const { status, stderr } = run(['--data', dataDir, '--listen', `127.0.0.1:${port}`]);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/^Port \d+ .*choose another/),
    });
    rmSync(dataDir, { recursive: true });
  });

  it.each([
    ['no folder', []],
    ['an unknown option', ['--data', '/tmp/x', '--port', '80']],
    ['an address of the network', ['--data', '/tmp/x', '--listen', '0.0.0.0:80']],
    ['a port that is none', ['--data', '/tmp/x', '--listen', '127.0.0.1:99999']],
    ['an odd time', ['--data', '/tmp/x', '--idle-exit', 'soon']],
  ])('refuses %s on its command line', (_, args) => {
    const { status, stderr } = run(args);
    expect(status).toBe(1);
    expect(stderr).toMatch(/--(data|port|listen|idle-exit)/);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it.runIf(isRoot)('tells how to get bubblewrap when there is none', async () => {
    const without = [
      'unshare',
      '--mount',
      'sh',
      '-c',
      'mount --bind /dev/null /usr/bin/bwrap && exec "$@"',
      'sh',
    ];
    const engine = await start({ wrapper: without });
    const { status, body } = await new Client(engine).call('POST', '/v1/sandbox', {});
    expect({ status, message: body.message }).toEqual({
      status: 503,
      message: expect.stringContaining('sudo apt install bubblewrap'),
    });
    expect((await new Client(engine).call('GET', '/v1/sandboxes')).body.total_items).toBe(0);
    expect((await new Client(engine).call('GET', '/v1/engine')).body.warnings).toContain(body.message);
  });

  it.runIf(isRoot)(
    'makes sandboxes without a network, and says so, when there is no slirp4netns',
    async () => {
      const without = [
        'unshare',
        '--mount',
        'sh',
        '-c',
        'mount --bind /dev/null /usr/bin/slirp4netns && exec "$@"',
        'sh',
      ];
      const engine = await start({ wrapper: without });
      const { status, body } = await new Client(engine).call('POST', '/v1/sandbox', {});
      expect(status).toBe(201);
      expect(body).toMatchObject({
        network_policy: { mode: 'deny-all' },
        warnings: [expect.stringContaining('slirp4netns')],
      });
    },
  );

  it('says of each sandbox that its processes cannot be limited, on a kernel that cannot', async () => {
    const engine = await start({ wrapper: ['setarch', '--uname-2.6'] });
    const client = new Client(engine);
    const { status, body } = await client.call('POST', '/v1/sandbox', {
      network_policy: { mode: 'deny-all' },
    });
    expect({ status, warnings: body.warnings }).toEqual({
      status: 201,
      warnings: [expect.stringContaining('fork bomb')],
    });
    expect((await client.call('GET', '/v1/engine')).body.warnings).toContain(body.warnings[0]);
  });

  it('keeps secrets out of its log', async () => {
    const engine = await start();
    const client = new Client(engine);
    const sandbox = await client.create({ env_vars: { KEY: 'hush-hush' } });
    await client.run(sandbox, 'echo whisper-whisper', { envs: { OTHER: 'psst-psst' } });
    await client.call('GET', `/v1/sandboxes?state=${engine.token}`);
    const log = readFileSync(join(engine.dataDir, 'engine.log'), 'utf8');
    expect(log).toContain(`POST ${sandbox}/process/execute 200`);
    for (const secret of ['hush-hush', 'psst-psst', 'whisper', engine.token])
      expect(log).not.toContain(secret);
  });
});

function run(args: string[]) {
  return spawnSync(process.execPath, [engineProgram(), ...args], { encoding: 'utf8', cwd: '/' });
}
