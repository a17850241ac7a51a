import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Client, eventually } from './client.ts';
import { openSsh, portOf, type OpenSsh } from './openSsh.ts';
import { dialHere, exchange, freePort, isRefused, serveHere } from './servers.ts';
import { dispose, startEngine, removeProgram, type RunningEngine } from './startEngine.ts';
import { describeForStartersDaily } from './starters.ts';

afterAll(removeProgram);

describeForStartersDaily("by SSH out of a jail of %s's engine", (options) => {
  let engine: RunningEngine;
  let client: Client;
  let sandbox: string;
  let ssh: OpenSsh;
  let server: Server;
  let port: number;

  beforeAll(async () => {
    engine = await startEngine(options());
    client = new Client(engine);
    sandbox = await client.create();
    ssh = await openSsh(client, sandbox);
    port = await freePort();
    server = await serveHere({ port, host: '127.0.0.1' });
  });
  afterAll(async () => {
    server.close();
    ssh.dispose();
    await dispose(engine);
  });

  const forward = (...args: string[]) => ssh.start('ssh', ['-N', ...args, 'sandbox']);

  it("the engine's own SSH port cannot be reached, nor any other of the host", async () => {
    const outside = Object.values(networkInterfaces()).flat();
    const own = outside.find((each) => each?.family === 'IPv4' && !each.internal)?.address;
    for (const host of ['127.0.0.1', '10.0.2.2', 'localhost', ...(own ? [own] : [])]) {
      const dial = `timeout 2 bash -c 'head -c 7 < /dev/tcp/${host}/${portOf(ssh.access)}' 2>/dev/null; echo end`;
      expect(await client.run(sandbox, dial), host).toBe('end\n');
    }
  });

  it('a forwarded port leads to the loopback of the sandbox, not to that of the host', async () => {
    const [one, other] = [await freePort(), await freePort()];
    forward('-L', `${one}:127.0.0.1:${port}`, '-L', `${other}:10.0.2.2:${port}`);
    expect(await isRefused({ port: one, host: '127.0.0.1' })).toBe(true);
    expect(await isRefused({ port: other, host: '127.0.0.1' })).toBe(true);
  });

  it('a forwarded socket is one of the sandbox, whatever its links say', async () => {
    const path = join(ssh.folder, 'host.sock');
    const socket = await serveHere({ path });
    const abstract = createServer((guest) => guest.end('of the host')).listen('\0sandbox-explorer-host');
    await once(abstract, 'listening');
    await client.run(
      sandbox,
      `ln -sf ${path} link; ln -sfn ${ssh.folder} folder; ln -sf ${engine.socketPath} engine`,
    );
    const targets = [
      path,
      engine.socketPath,
      ...['link', 'folder/host.sock', 'engine'].map((name) => `/home/user/${name}`),
    ];
    const more = ['/proc/1/root', '/proc/self/root', '/home/user/../../..'].map((root) => `${root}${path}`);
    for (const target of [...targets, ...more]) {
      const local = await freePort();
      const child = forward('-L', `${local}:${target}`);
      expect(await isRefused({ port: local, host: '127.0.0.1' }), target).toBe(true);
      child.kill();
    }
    socket.close();
    abstract.close();
  });

  it('a port that listens in the sandbox does not on the host', async () => {
    const child = forward('-R', `*:7300:127.0.0.1:${port}`);
    await eventually(async () => expect(await client.run(sandbox, 'cat /proc/net/tcp')).toContain(':1C84 '));
    await expect(dialNow(7300)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    child.kill();
  });

  it('a socket that listens in the sandbox is made there, whatever its links say', async () => {
    await client.run(sandbox, `ln -sfn ${ssh.folder} away`);
    for (const path of [join(ssh.folder, 'made.sock'), '/home/user/away/made.sock']) {
      const child = ssh.start('ssh', [
        '-N',
        '-o',
        'ExitOnForwardFailure=yes',
        '-R',
        `${path}:127.0.0.1:${port}`,
        'sandbox',
      ]);
      expect(await once(child, 'exit')).toEqual([255, null]);
    }
  });

  it('a relay has no powers, and what a sandbox makes of it harms nobody', async () => {
    const local = await freePort();
    await client.run(
      sandbox,
      'perl -MSocket -e "socket S,PF_INET,SOCK_STREAM,0; bind S,pack_sockaddr_in(7301,INADDR_ANY); listen S,9; sleep 600" >/dev/null 2>&1 &',
    );
    forward('-L', `${local}:127.0.0.1:7301`);
    const socket = await dialHere({ port: local, host: '127.0.0.1' });
    const pid = 'pgrep -f "^ssh [f]orwarding: dial"';
    await eventually(async () => expect(await client.run(sandbox, pid)).toMatch(/^\d+\n$/));
    expect(await client.run(sandbox, `grep -E "^Cap|NoNewPrivs" /proc/$(${pid})/status`)).toMatch(
      /^(Cap\w+:\s0+\n){5}NoNewPrivs:\s1\n$/,
    );
    expect(await client.run(sandbox, `ls -l /proc/$(${pid})/fd`)).not.toContain(engine.dataDir);
    await client.run(sandbox, `kill -9 $(${pid})`);
    expect((await exchange(socket, 'x')).toString()).toBe('');
    expect((await ssh.ssh('echo fine')).stdout).toBe('fine\n');
  });
});

async function dialNow(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.destroy();
}
