import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client, eventually } from './client.ts';
import { OpenSsh, portOf, SshClients } from './openSsh.ts';
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

const recordOf = (sandbox: string) =>
  join(engine.dataDir, sandbox.replace('/v1/sandbox', 'sandboxes'), 'ssh.json');

/** The spellings of both revisions. */
const spellings = [
  [
    'A',
    {
      remove: (sandbox: string, _id: string) => client.call('DELETE', `${sandbox}/ssh/access`),
      regenerate: (sandbox: string, _id: string) => client.call('POST', `${sandbox}/ssh/regen`),
      validate: (sandbox: string, id: string, password: string) =>
        client.call('POST', `${sandbox}/ssh/validate`, { id, password }),
    },
  ],
  [
    'B',
    {
      remove: (sandbox: string, id: string) => client.call('DELETE', `${sandbox}/ssh/${id}`),
      regenerate: (sandbox: string, id: string) => client.call('POST', `${sandbox}/ssh/${id}/regen`),
      validate: (sandbox: string, id: string, password: string) =>
        client.call('POST', `${sandbox}/ssh/${id}/validate`, { password }),
    },
  ],
] as const;

describe('an SSH access', () => {
  it('is answered as Leap0 does', async () => {
    const sandbox = await client.create();
    const { status, body } = await client.call('POST', `${sandbox}/ssh/access`);
    expect({ status, body }).toEqual({
      status: 201,
      body: {
        id: expect.stringMatching(/^ssh-[a-z2-7]{12}$/),
        sandbox_id: sandbox.replace('/v1/sandbox/', ''),
        password: expect.stringMatching(/^[\w-]{43}$/),
        expires_at: expect.stringMatching(/Z$/),
        created_at: body.updated_at,
        updated_at: expect.stringMatching(/Z$/),
        ssh_command: expect.stringMatching(new RegExp(String.raw`^ssh ${body.id}@127\.0\.0\.1 -p \d+$`)),
      },
    });
    expect(Date.parse(body.expires_at) - Date.parse(body.created_at)).toBe(60 * 60_000);
  });

  it('is the only one of its sandbox', async () => {
    const sandbox = await client.create();
    const answers = await Promise.all([1, 2, 3].map(() => client.call('POST', `${sandbox}/ssh/access`)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409, 409]);
    expect(answers.find(({ status }) => status === 409)?.body.message).toMatch(/already.*[Rr]egenerate/);
  });

  it.each(spellings)('lives its life in the spelling of revision %s', async (_, calls) => {
    const { sandbox, ssh } = await make();
    const { id, password } = ssh.access;
    const valid = async (word: string) => (await calls.validate(sandbox, id, word)).body;
    const sandbox_id = sandbox.replace('/v1/sandbox/', '');
    expect(await valid(password)).toEqual({ valid: true, sandbox_id });
    expect(await valid('wrong')).toEqual({ valid: false, sandbox_id });
    const { status, body } = await calls.regenerate(sandbox, id);
    expect({ status, id: body.id }).toEqual({ status: 200, id });
    expect(Date.parse(body.updated_at)).toBeGreaterThanOrEqual(Date.parse(body.created_at));
    expect([await valid(password), await valid(body.password)]).toMatchObject([
      { valid: false },
      { valid: true },
    ]);
    expect((await calls.remove(sandbox, id)).status).toBe(204);
    expect((await calls.remove(sandbox, id)).status).toBe(404);
    expect((await calls.regenerate(sandbox, id)).status).toBe(404);
    expect((await client.call('POST', `${sandbox}/ssh/access`)).status).toBe(201);
  });

  it('is of one sandbox', async () => {
    const [one, other] = [await make(), await make()];
    for (const [name, { validate }] of spellings) {
      const { status, body } = await validate(one.sandbox, other.ssh.access.id, other.ssh.access.password);
      expect(name === 'A' ? body.valid : status).toBe(name === 'A' ? false : 404);
    }
    expect((await client.call('DELETE', `${one.sandbox}/ssh/${other.ssh.access.id}`)).status).toBe(404);
    expect((await client.call('POST', '/v1/sandbox/sbx-none/ssh/access')).status).toBe(404);
  });

  it('names the field that is missing', async () => {
    const { sandbox, ssh } = await make();
    const errors = async (path: string, body: object) =>
      (await client.call('POST', `${sandbox}/ssh/${path}`, body)).body.errors[0].field;
    expect(await errors('validate', { password: 'x' })).toBe('id');
    expect(await errors('validate', { id: ssh.access.id })).toBe('password');
    expect(await errors(`${ssh.access.id}/validate`, {})).toBe('password');
  });

  it('has its password nowhere but in that answer', async () => {
    const { sandbox, ssh } = await make();
    await ssh.ssh('true');
    expect(statSync(recordOf(sandbox)).mode & 0o777).toBe(0o600);
    expect(statSync(join(engine.dataDir, 'ssh_host_ed25519_key')).mode & 0o777).toBe(0o600);
    for (const file of [recordOf(sandbox), join(engine.dataDir, 'engine.log')]) {
      expect(readFileSync(file, 'utf8')).not.toContain(ssh.access.password);
    }
  });
});

describe('a connection', () => {
  it('is made with the right password only, and nothing tells what was wrong', async () => {
    const { ssh } = await make();
    const refusals = await Promise.all(
      [
        { ...ssh.access, password: 'wrong' },
        { ...ssh.access, id: 'ssh-aaaaaaaaaaaa' },
        { ...ssh.access, id: 'root', password: '' },
      ].map(async (access) => {
        const wrong = clients.keep(new OpenSsh(access));
        const { code, stderr } = await wrong.ssh('true');
        return { code, stderr: stderr.replace(access.id, 'USER') };
      }),
    );
    expect(refusals[0]).toEqual({
      code: 255,
      stderr: expect.stringContaining('Permission denied (password)'),
    });
    expect(refusals).toEqual(refusals.map(() => refusals[0]));
    expect((await ssh.ssh('true')).code).toBe(0);
  });

  it('is ended after three tries', async () => {
    const { ssh } = await make();
    const wrong = clients.keep(new OpenSsh({ ...ssh.access, password: 'wrong' }));
    const { stderr } = await wrong.ssh('true', { args: ['-v', '-o', 'NumberOfPasswordPrompts=9'] });
    expect(stderr.match(/read_passphrase/g)).toHaveLength(3);
    expect(stderr).toMatch(/disconnect|closed/i);
  });

  it('outlives a new password, which is the only one for the next', async () => {
    const { sandbox, ssh } = await make();
    const session = await ssh.stay();
    const { body } = await client.call('POST', `${sandbox}/ssh/regen`);
    expect((await ssh.ssh('true')).code).toBe(255);
    ssh.use(body);
    expect((await ssh.ssh('true')).code).toBe(0);
    expect(session.isOpen()).toBe(true);
  });

  it('ends with its access', async () => {
    const { sandbox, ssh } = await make();
    const session = await ssh.stay();
    await client.call('DELETE', `${sandbox}/ssh/access`);
    expect(await session.ended).toEqual([255, null]);
    expect((await ssh.ssh('true')).code).toBe(255);
    await eventually(async () => expect(await client.run(sandbox, 'pgrep -c sleep || true')).toBe('0\n'));
  });

  it('ends with its access even when the client does not hear of it', async () => {
    const { sandbox, ssh } = await make();
    const session = await ssh.stay();
    process.kill(session.pid, 'SIGSTOP');
    await client.call('DELETE', `${sandbox}/ssh/access`);
    await eventually(async () => expect(await client.run(sandbox, 'pgrep -c sleep || true')).toBe('0\n'));
    process.kill(session.pid, 'SIGCONT');
    expect(await session.ended).toEqual([255, null]);
  });

  it('is not made once the access has expired, and one that is made stays', async () => {
    const { sandbox, ssh } = await make();
    const session = await ssh.stay();
    const record = JSON.parse(readFileSync(recordOf(sandbox), 'utf8'));
    writeFileSync(recordOf(sandbox), JSON.stringify({ ...record, expiresAt: Date.now() - 1 }));
    expect((await ssh.ssh('true')).code).toBe(255);
    const { id, password } = ssh.access;
    expect((await client.call('POST', `${sandbox}/ssh/validate`, { id, password })).body.valid).toBe(false);
    expect(session.isOpen()).toBe(true);
    const renewed = await client.call('POST', `${sandbox}/ssh/regen`);
    expect(Date.parse(renewed.body.expires_at)).toBeGreaterThan(Date.now() + 59 * 60_000);
    ssh.use(renewed.body);
    expect((await ssh.ssh('true')).code).toBe(0);
  });

  it('can be had by a new access when the old one has expired', async () => {
    const { sandbox, ssh } = await make();
    const record = JSON.parse(readFileSync(recordOf(sandbox), 'utf8'));
    writeFileSync(recordOf(sandbox), JSON.stringify({ ...record, expiresAt: Date.now() - 1 }));
    const { status, body } = await client.call('POST', `${sandbox}/ssh/access`);
    expect(status).toBe(201);
    expect(body.id).not.toBe(ssh.access.id);
  });

  it('is not kept from others by somebody who only connects', async () => {
    const { ssh } = await make();
    const idle: Socket[] = [];
    for (let count = 0; count < 100; count += 1) {
      const socket = connect(portOf(ssh.access), '127.0.0.1').on('error', () => undefined);
      await once(socket, 'connect');
      idle.push(socket);
    }
    expect((await ssh.ssh('echo in')).stdout).toBe('in\n');
    for (const socket of idle) socket.destroy();
  });

  it('that is given up while it is being refused harms nobody', async () => {
    const { ssh } = await make();
    const wrong = clients.keep(new OpenSsh({ ...ssh.access, password: 'wrong' }));
    const children = Array.from({ length: 5 }, () => wrong.start('ssh', ['sandbox', 'true']));
    await delay(300);
    for (const child of children) child.kill('SIGKILL');
    await delay(700);
    expect((await ssh.ssh('echo in')).stdout).toBe('in\n');
  });

  it('that talks nonsense harms nobody', async () => {
    const { ssh } = await make();
    for (const words of ['GET / HTTP/1.0\r\n\r\n', 'SSH-2.0-x\r\n', `SSH-2.0-x\r\n${'\0'.repeat(100_000)}`]) {
      const socket = connect(portOf(ssh.access), '127.0.0.1').on('error', () => undefined);
      socket.end(words);
      socket.resume();
      await once(socket, 'close');
    }
    expect((await ssh.ssh('echo in')).stdout).toBe('in\n');
  });
});
