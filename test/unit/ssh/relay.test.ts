import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Server, type Connection } from 'ssh2';
import { newPrivateKey } from '../../../src/common/sshKey.ts';
import { expect, it, type TestContext } from 'vitest';
import { plainNetwork } from '../../../src/net/network.ts';
import { ownHostKey } from '../../../src/ssh/proxy/hostKey.ts';
import { LocalEnd } from '../../../src/ssh/proxy/localEnd.ts';
import { relay, Silence, type Patience } from '../../../src/ssh/proxy/relay.ts';
import { connectServer } from '../../../src/ssh/proxy/server.ts';

const mebibyte = 1024 * 1024;
/** Much beside what a busy machine may keep this process waiting. */
const ample = { askAfterMs: 100, giveUpAfterMs: 2_000 };
const never = { keepaliveInterval: 2 ** 31 - 1 };

/** A client and a server of ssh2, with our relay between them in this process. */
async function between({ onTestFinished }: TestContext, patience?: Patience) {
  const folder = mkdtempSync(join(tmpdir(), 'sandbox-explorer-relay-'));
  const sockets: Socket[] = [];
  const met = Promise.withResolvers<Connection>();
  const listener = createServer((socket) => {
    sockets.push(socket);
    const ssh = new Server({ hostKeys: [newPrivateKey('a server')], ...never });
    ssh.on('connection', (connection) => {
      connection.on('error', () => undefined).on('authentication', (attempt) => attempt.accept());
      connection.once('ready', () => met.resolve(connection));
    });
    ssh.injectSocket(socket);
  }).listen(0, '127.0.0.1');
  const pipes = createServer().listen(0, '127.0.0.1');
  await Promise.all([once(listener, 'listening'), once(pipes, 'listening')]);
  const portOf = (server: typeof pipes) => (server.address() as AddressInfo).port;

  const near = connect(portOf(pipes), '127.0.0.1');
  const [far] = (await once(pipes, 'connection')) as [Socket];
  const local = new LocalEnd(far, far, await ownHostKey(join(folder, 'host_key')));
  const client = new Client();
  client.on('error', () => undefined).connect({ sock: near, username: 'anybody' });
  const access = {
    accessId: 'a',
    user: 'me',
    password: 'p',
    host: '127.0.0.1',
    port: portOf(listener),
    command: '',
  };
  const knownHosts = join(folder, 'known_hosts');
  const server = await connectServer({
    name: 'the server',
    access,
    network: plainNetwork,
    knownHosts,
    pinName: '[server]:1',
  });
  const ready = once(client, 'ready');
  await local.admit();
  relay(local.transport, server, patience);
  await ready;
  onTestFinished(() => {
    client.destroy();
    server.fail(new Error('the test is over'));
    for (const each of [listener, pipes]) each.close();
    for (const each of sockets) each.destroy();
    rmSync(folder, { recursive: true });
  });
  return {
    client,
    near,
    server,
    connection: await met.promise,
    stall: () => sockets.forEach((each) => each.pause()),
  };
}

const listenThere = (client: Client, port: number) =>
  new Promise((resolve) =>
    client.forwardIn('127.0.0.1', port, (error, taken) => resolve(error ? 'refused' : taken)),
  );

it('the answers to our own keep-alives are not taken for those to the client', async (test) => {
  const { client, connection } = await between(test, { askAfterMs: 20, giveUpAfterMs: 5_000 });
  connection.on('request', (accept, reject, _name, { bindPort }) => {
    // So late that some of ours are asked in between.
    setTimeout(() => (bindPort === 1 ? reject?.() : accept?.(bindPort)), 60);
  });
  const answers: unknown[] = [];
  for (const port of [1000, 1, 1001, 1, 1002]) answers.push(await listenThere(client, port));
  expect(answers).toEqual([1000, 'refused', 1001, 'refused', 1002]);
});

it('a server that answers keep-alives stays, however long there is nothing to say', async (test) => {
  const { client, server } = await between(test, ample);
  const ended = await Promise.race([server.ended, delay(4_000, 'still there')]);
  expect(ended).toBe('still there');
  expect(await listenThere(client, 5)).toBe('refused');
});

it('a server that is silent is given up', async (test) => {
  const { server, stall } = await between(test, { askAfterMs: 20, giveUpAfterMs: 100 });
  stall();
  expect((await server.ended).error).toBeInstanceOf(Silence);
});

it('a server that is not listened to, since the client was stopped, is not given up', async (test) => {
  const { client, connection, server, near } = await between(test, ample);
  let came = 0;
  connection.on('tcpip', (accept) => accept().end(Buffer.alloc(2 * mebibyte)));
  const open = () =>
    new Promise<void>((resolve) => {
      client.forwardOut('', 0, 'there', 1, (_error, channel) => {
        channel.on('data', (chunk: Buffer) => (came += chunk.length)).once('end', resolve);
      });
    });
  const all = Promise.all(Array.from({ length: 12 }, open));
  await delay(5);
  near.pause();
  expect(await Promise.race([server.ended, delay(4_000, 'still there')])).toBe('still there');
  near.resume();
  await all;
  expect(came).toBe(12 * 2 * mebibyte);
});

it('what the server does not take off is not taken from the client either', async (test) => {
  const { client, connection, server, near, stall } = await between(test);
  connection.on('tcpip', (accept) => accept().pause());
  const open = () =>
    new Promise<NodeJS.WritableStream>((resolve, reject) => {
      client.forwardOut('', 0, 'there', 1, (error, channel) => (error ? reject(error) : resolve(channel)));
    });
  const channels = await Promise.all(Array.from({ length: 12 }, open));
  stall();
  // The windows of the channels alone would let all of it through.
  for (const channel of channels) channel.write(Buffer.alloc(2 * mebibyte));
  await delay(500);
  expect(server.backlog).toBeLessThan(mebibyte);
  expect(near.writableLength).toBeGreaterThan(2 * mebibyte);
});
