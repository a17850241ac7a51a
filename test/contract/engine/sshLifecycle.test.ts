import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client, eventually } from './client.ts';
import { OpenSsh, openSsh, portOf, SshClients } from './openSsh.ts';
import { dispose, startEngine, removeProgram, type RunningEngine } from './startEngine.ts';

afterAll(removeProgram);

let engine: RunningEngine;
let client: Client;
beforeAll(async () => {
  engine = await startEngine();
  client = new Client(engine);
});
afterAll(() => dispose(engine));

const clients = new SshClients();
afterAll(() => clients.dispose());

const make = () => clients.make(client);

/** The engine again, on the same folder. */
async function start(): Promise<void> {
  engine = await startEngine({ dataDir: engine.dataDir });
  client = new Client(engine);
}

describe('a sandbox', () => {
  it('is not woken by its accesses, but by a connection', async () => {
    const sandbox = await client.create();
    await client.call('POST', `${sandbox}/pause`);
    const ssh = clients.keep(await openSsh(client, sandbox));
    const { id, password } = ssh.access;
    await client.call('POST', `${sandbox}/ssh/validate`, { id, password });
    ssh.use((await client.call('POST', `${sandbox}/ssh/regen`)).body);
    const wrong = clients.keep(new OpenSsh({ ...ssh.access, password }));
    expect((await wrong.ssh('true')).code).toBe(255);
    expect(await client.state(sandbox)).toBe('paused');
    expect(await ssh.ssh('echo awake')).toMatchObject({ code: 0, stdout: 'awake\n' });
    expect(await client.state(sandbox)).toBe('running');
  });

  it('rests together with its connections', async () => {
    const { sandbox, ssh } = await make();
    const child = ssh.start('ssh', ['sandbox', 'while :; do date +%s%N; sleep 0.02; done']);
    let count = 0;
    child.stdout?.on('data', () => (count += 1));
    await eventually(() => expect(count).toBeGreaterThan(5));
    await client.call('POST', `${sandbox}/pause`);
    await delay(300);
    const paused = count;
    await delay(1000);
    expect(count).toBe(paused);
    await client.run(sandbox, 'true');
    await eventually(() => expect(count).toBeGreaterThan(paused + 5));
    child.kill();
  });

  it('has nothing left of a client that was killed while it was paused', async () => {
    const { sandbox, ssh } = await make();
    const session = await ssh.stay();
    await client.call('POST', `${sandbox}/pause`);
    process.kill(session.pid, 'SIGKILL');
    await session.ended;
    await delay(300);
    expect(await client.state(sandbox)).toBe('paused');
    await eventually(async () => expect(await client.run(sandbox, 'pgrep -c sleep || true')).toBe('0\n'));
  });

  it('that is stopped says so, and lets nobody in', async () => {
    const { sandbox, ssh } = await make();
    const session = await ssh.stay();
    await client.call('POST', `${sandbox}/stop`);
    expect((await session.ended)[0]).toBe(255);
    const refusal = { code: 255, stderr: 'The sandbox is stopped. Start it first.\r\n' };
    expect(await ssh.ssh('true')).toMatchObject(refusal);
    expect(await ssh.run('sftp', ['sandbox'])).toMatchObject({
      code: 255,
      stderr: expect.stringContaining('stopped'),
    });
    expect(await client.state(sandbox)).toBe('stopped');
    await client.call('POST', `${sandbox}/start`);
    expect((await ssh.ssh('echo again')).stdout).toBe('again\n');
  });

  it('takes its access and its connections with it', async () => {
    const { sandbox, ssh } = await make();
    const session = await ssh.stay();
    expect((await client.call('DELETE', sandbox)).status).toBe(204);
    expect((await session.ended)[0]).toBe(255);
    expect((await ssh.ssh('true')).stderr).toContain('Permission denied');
  });
});

describe('an engine that starts again', () => {
  it('knows the accesses, on the same port and by the same key', async () => {
    const { sandbox, ssh } = await make();
    expect((await ssh.ssh('echo kept > file')).code).toBe(0);
    await engine.stop();
    await start();
    expect((await ssh.ssh('cat file')).stderr).toContain('The sandbox is stopped');
    await client.call('POST', `${sandbox}/start`);
    const strictly = ['-o', 'StrictHostKeyChecking=yes'];
    expect(await ssh.ssh('cat file', { args: strictly })).toMatchObject({ code: 0, stdout: 'kept\n' });
  });

  it('knows them after a crash', async () => {
    const { sandbox, ssh } = await make();
    await engine.crash();
    await start();
    await client.call('POST', `${sandbox}/start`);
    expect((await ssh.ssh('echo in')).stdout).toBe('in\n');
  });

  it('takes another port when somebody has its own, and says so', async () => {
    const { sandbox, ssh } = await make();
    await ssh.ssh('true');
    await engine.stop();
    const squatter = createServer().listen(portOf(ssh.access), '127.0.0.1');
    await once(squatter, 'listening');
    await start();
    await client.call('POST', `${sandbox}/start`);
    const { body } = await client.call('POST', `${sandbox}/ssh/regen`);
    expect(portOf(body)).not.toBe(portOf(ssh.access));
    ssh.use(body);
    expect((await ssh.ssh('echo in', { args: ['-o', 'StrictHostKeyChecking=yes'] })).stdout).toBe('in\n');
    squatter.close();
  });

  it('makes another host key when its own was open to others', async () => {
    const { sandbox, ssh } = await make();
    await ssh.ssh('true');
    await engine.stop();
    const key = join(engine.dataDir, 'ssh_host_ed25519_key');
    const old = readFileSync(key, 'utf8');
    rmSync(key);
    writeFileSync(key, old, { mode: 0o644 });
    await start();
    expect(readFileSync(key, 'utf8')).not.toBe(old);
    await client.call('POST', `${sandbox}/start`);
    expect((await ssh.ssh('true')).stderr).toContain('REMOTE HOST IDENTIFICATION HAS CHANGED');
  });

  it('listens for nobody when there is no access', async () => {
    const other = await startEngine();
    const log = () => readFileSync(join(other.dataDir, 'engine.log'), 'utf8');
    await new Client(other).create();
    expect(log()).not.toContain('SSH listens');
    await dispose(other);
  });
});
