import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client as SshClient } from 'ssh2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client, eventually } from './client.ts';
import { growthOf } from './memory.ts';
import { openSsh, portOf, type OpenSsh } from './openSsh.ts';
import {
  dialHere,
  dialInside,
  exchange,
  freePort,
  hasIpv6,
  isRefused,
  serveHere,
  serveInside,
  socks,
} from './servers.ts';
import { dispose, startEngine, removeProgram, type RunningEngine } from './startEngine.ts';
import { describeForStarters } from './starters.ts';

afterAll(removeProgram);

describeForStarters("forwarded by SSH through a sandbox of %s's engine", (options) => {
  let engine: RunningEngine;
  let client: Client;
  let sandbox: string;
  let ssh: OpenSsh;

  beforeAll(async () => {
    engine = await startEngine(options());
    client = new Client(engine);
    sandbox = await client.create();
    ssh = await openSsh(client, sandbox);
    await serveInside(client, sandbox, 7100, 'echo');
    await serveInside(client, sandbox, 7101, 'count');
    await serveInside(client, sandbox, 7102, 'leave');
    await serveInside(client, sandbox, 7103, 'pour');
    await serveInside(client, sandbox, '/tmp/echo.sock', 'echo');
  });
  afterAll(async () => {
    ssh.dispose();
    await dispose(engine);
  });

  /** A client that forwards until the test is over. */
  const forward = (...args: string[]) => {
    const child = ssh.start('ssh', ['-N', '-o', 'ExitOnForwardFailure=yes', ...args, 'sandbox']);
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    return { child, said: () => said };
  };

  /** A port of this machine that leads to one of the sandbox. */
  const local = async (target: string) => {
    const port = await freePort();
    forward('-L', `${port}:${target}`);
    return { port, host: '127.0.0.1' };
  };

  /** Does something as a client that OpenSSH is not: it hears whether it was refused. */
  const withClient = async (task: (other: SshClient) => Promise<void>) => {
    const { id: username, password } = ssh.access;
    const other = new SshClient();
    other.connect({ host: '127.0.0.1', port: portOf(ssh.access), username, password });
    await once(other, 'ready');
    await task(other).finally(() => other.end());
  };

  const relays = async () => Number(await client.run(sandbox, 'pgrep -fc "^ssh [f]orwarding" || true'));

  describe('a port of the sandbox', () => {
    it('passes bytes both ways', async () => {
      const bytes = randomBytes(5_000_000);
      expect((await exchange(await dialHere(await local('localhost:7100')), bytes)).equals(bytes)).toBe(true);
    });

    it('hears that the client has ended, and still answers', async () => {
      const socket = await dialHere(await local('127.0.0.1:7101'));
      expect((await exchange(socket, 'x'.repeat(100_000))).toString()).toBe('got 100000');
    });

    it('may end its side first, and still listens', async () => {
      const socket = await dialHere(await local('127.0.0.1:7102'));
      const [answer] = (await once(socket, 'data')) as [Buffer];
      expect(answer.toString()).toBe('bye');
      if (!socket.readableEnded) await once(socket, 'end');
      socket.end('heard after all');
      await eventually(async () => expect(await client.run(sandbox, 'cat left')).toBe('heard after all'));
    });

    it('may be refused, and the connection serves others', async () => {
      const port = await freePort();
      const other = await freePort();
      forward('-L', `${port}:127.0.0.1:9`, '-L', `${other}:127.0.0.1:7100`);
      expect(await isRefused({ port, host: '127.0.0.1' })).toBe(true);
      expect((await exchange(await dialHere({ port: other, host: '127.0.0.1' }), 'y')).toString()).toBe('y');
    });

    it('serves many at a time', async () => {
      const where = await local('127.0.0.1:7100');
      await dialHere(where).then((socket) => exchange(socket, ''));
      const texts = Array.from({ length: 60 }, (_each, index) => `${index}`.repeat(1000));
      const answers = await Promise.all(texts.map(async (text) => exchange(await dialHere(where), text)));
      expect(answers.map(String)).toEqual(texts);
      await eventually(async () => expect(await relays()).toBe(0));
    });

    it('is held up by a client that does not read', async () => {
      const where = await local('127.0.0.1:7103');
      const grown = await growthOf(engine.pid, async () => {
        const socket = await dialHere(where);
        socket.pause();
        await delay(1500);
        let bytes = 0;
        socket.on('data', (chunk: Buffer) => (bytes += chunk.length)).resume();
        await eventually(() => expect(bytes).toBeGreaterThan(300_000_000));
        socket.destroy();
      });
      expect(grown).toBeLessThan(150);
      await eventually(async () => expect(await relays()).toBe(0));
    });

    it('is found by SOCKS, by the names that the sandbox knows', async () => {
      const port = await freePort();
      forward('-D', `127.0.0.1:${port}`);
      const name = (await client.run(sandbox, 'hostname')).trim();
      for (const host of ['localhost', name]) {
        const socket = await dialHere({ port, host: '127.0.0.1' });
        await socks(socket, host, 7100);
        expect((await exchange(socket, 'through')).toString()).toBe('through');
      }
    });

    it('is found as localhost by IPv6 where nobody listens by IPv4', async ({ skip }) => {
      skip(!hasIpv6, 'This machine has no IPv6.');
      await serveInside(client, sandbox, '[::1]:7104', 'echo');
      await serveInside(client, sandbox, '[::1]:7101', 'echo');
      const targets = ['localhost:7104', 'LOCALHOST:7104', '[::1]:7104', 'localhost:7101'];
      const ask = async (target: string) => String(await exchange(await dialHere(await local(target)), 'x'));
      expect(await Promise.all(targets.map(ask))).toEqual(['x', 'x', 'x', 'got 1']);
      expect(await isRefused(await local('127.0.0.1:7104'))).toBe(true);
    });

    it('can be joined with standard input and output', async () => {
      expect(
        await ssh.run('ssh', ['-W', 'localhost:7101', 'sandbox'], { input: 'twelve bytes' }),
      ).toMatchObject({
        stdout: 'got 12',
      });
    });
  });

  it('a Unix socket of the sandbox passes bytes both ways', async () => {
    const path = join(ssh.folder, 'here.sock');
    forward('-L', `${path}:/tmp/echo.sock`);
    const bytes = randomBytes(300_000);
    expect((await exchange(await dialHere({ path }), bytes)).equals(bytes)).toBe(true);
  });

  describe('a port in the sandbox', () => {
    it('leads to a server of this machine', async () => {
      const port = await freePort();
      const server = await serveHere({ port, host: '127.0.0.1' });
      const { child } = forward('-R', `7200:127.0.0.1:${port}`);
      await eventually(async () => {
        expect(await dialInside(client, sandbox, 7200, 'hello')).toBe('of the host: hello');
      });
      const answers = await Promise.all(
        ['a', 'b', 'c', 'd'].map((text) => dialInside(client, sandbox, 7200, text)),
      );
      expect(answers).toEqual(['a', 'b', 'c', 'd'].map((text) => `of the host: ${text}`));
      child.kill('SIGKILL');
      await eventually(async () => expect(await dialInside(client, sandbox, 7200, '')).toMatch(/refused/));
      await eventually(async () => expect(await relays()).toBe(0));
      server.close();
    });

    it('may be any that is free, and is told', async () => {
      const port = await freePort();
      const server = await serveHere({ port, host: '127.0.0.1' });
      const { said, child } = forward('-o', 'LogLevel=INFO', '-R', `0:127.0.0.1:${port}`);
      await eventually(() => expect(said()).toMatch(/Allocated port \d+/));
      const chosen = Number(/Allocated port (\d+)/.exec(said())?.[1]);
      expect(await dialInside(client, sandbox, chosen, 'hello')).toBe('of the host: hello');
      child.kill();
      server.close();
    });

    it('that is taken is refused', async () => {
      const { child } = forward('-R', '7100:127.0.0.1:9');
      expect(await once(child, 'exit')).toEqual([255, null]);
    });

    it('lets a guest go whom the client does not want', async () => {
      const { child } = forward('-R', `7201:127.0.0.1:${await freePort()}`);
      await eventually(async () => expect(await dialInside(client, sandbox, 7201, 'hello')).toBe(''));
      child.kill();
    });

    it('above the highest that there is is refused, and not taken for another one', async () => {
      await withClient(async (other) => {
        await expect(listen(other, 70_000)).rejects.toThrow();
        await expect(dial(other, 65_536 + 7100)).rejects.toThrow();
      });
    });

    it('is not there any more to be taken back when somebody in the sandbox has ended it', async () => {
      await withClient(async (other) => {
        const port = await listen(other, 0);
        await client.run(sandbox, 'pkill -f "^ssh [f]orwarding: listen tcp 0"');
        await eventually(async () => expect(await relays()).toBe(0));
        // By then the engine has noticed, too.
        await listen(other, 0);
        await expect(takeBack(other, port)).rejects.toThrow();
      });
    });

    it('can be taken back, and who has come stays', async () => {
      const port = await freePort();
      const server = await serveHere({ port, host: '127.0.0.1' });
      const control = join(ssh.folder, 'control');
      const where = ['-R', `7202:127.0.0.1:${port}`];
      const { child } = forward('-M', '-S', control, ...where);
      await eventually(async () =>
        expect(await dialInside(client, sandbox, 7202, 'x')).toBe('of the host: x'),
      );
      const staying = client.run(
        sandbox,
        `perl -MSocket -e 'socket S, PF_INET, SOCK_STREAM, 0; connect S, pack_sockaddr_in(7202, INADDR_LOOPBACK); sleep 2; syswrite S, "stays"; shutdown S, 1; print <S>'`,
      );
      await delay(700);
      expect((await ssh.run('ssh', ['-S', control, '-O', 'cancel', ...where, 'sandbox'])).code).toBe(0);
      await eventually(async () => expect(await dialInside(client, sandbox, 7202, '')).toMatch(/refused/));
      expect(await staying).toBe('of the host: stays');
      child.kill();
      server.close();
    });
  });

  it('a Unix socket in the sandbox leads to a server of this machine, and goes with its client', async () => {
    const path = join(ssh.folder, 'there.sock');
    const server = await serveHere({ path });
    const { child } = forward('-R', `/tmp/remote.sock:${path}`);
    await eventually(async () => {
      expect(await dialInside(client, sandbox, '/tmp/remote.sock', 'hello')).toBe('of the host: hello');
    });
    expect(await client.run(sandbox, 'stat -c %a /tmp/remote.sock')).toBe('600\n');
    child.kill('SIGKILL');
    await eventually(async () => {
      expect(await client.run(sandbox, 'ls /tmp/remote.sock 2>/dev/null; echo gone')).toBe('gone\n');
    });
    server.close();
  });

  it('nothing is left of a client that is killed', async () => {
    const port = await freePort();
    const { child } = forward('-L', `${port}:127.0.0.1:7103`, '-R', '7203:127.0.0.1:9');
    const sockets = await Promise.all([1, 2, 3].map(() => dialHere({ port, host: '127.0.0.1' })));
    await Promise.all(sockets.map((socket) => once(socket, 'data')));
    expect(await relays()).toBe(4);
    child.kill('SIGKILL');
    await eventually(async () => expect(await relays()).toBe(0));
    expect(readFileSync(join(engine.dataDir, 'engine.log'), 'utf8')).not.toContain(' error ');
  });

  it('a connection outlasts a pause, and a new one does not end it', async () => {
    const where = await local('127.0.0.1:7100');
    const socket = await dialHere(where);
    socket.write('before');
    expect(String((await once(socket, 'data'))[0])).toBe('before');
    await client.call('POST', `${sandbox}/pause`);
    socket.write('after');
    expect(await isRefused(where)).toBe(true);
    await delay(300);
    expect(await client.state(sandbox)).toBe('paused');
    const answer = once(socket, 'data');
    await client.run(sandbox, 'true');
    expect(String((await answer)[0])).toBe('after');
    socket.destroy();
  });
});

const address = '127.0.0.1';
const listen = (client: SshClient, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    client.forwardIn(address, port, (error, bound) => (error ? reject(error) : resolve(bound)));
  });
const takeBack = (client: SshClient, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    client.unforwardIn(address, port, (error) => (error ? reject(error) : resolve()));
  });
const dial = (client: SshClient, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    client.forwardOut(address, 1, address, port, (error) => (error ? reject(error) : resolve()));
  });
