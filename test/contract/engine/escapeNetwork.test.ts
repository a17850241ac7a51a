import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Captive, hostWords } from './captive.ts';
import { removeProgram } from './startEngine.ts';
import { describeForStartersDaily } from './starters.ts';

afterAll(removeProgram);

/** A service of the host that tells everybody its words. */
async function service(
  words: string,
  ...address: [path: string] | [port: number, host: string]
): Promise<Server> {
  const server = createServer((socket) => socket.end(words));
  const [where, host] = address;
  if (typeof where === 'string') server.listen(where);
  else server.listen(where, host);
  await once(server, 'listening');
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('not a TCP server');
  return address.port;
}

/** Addresses at which a sandbox might find the host, or another sandbox, if it were let. */
const hostAddresses = ['127.0.0.1', '127.0.1.1', 'localhost', '::1', '10.0.2.2', '10.0.2.15', '10.0.2.100'];

const dial = (host: string, port: number, seconds = 2) =>
  `timeout ${seconds} bash -c 'exec 3<>/dev/tcp/${host}/${port} && echo connected && cat <&3' 2>/dev/null; echo end`;

/** Perl's word for a Unix socket address; one that begins with `\0` is abstract. */
const connect = (path: string) =>
  `perl -MSocket -e 'socket(S,PF_UNIX,SOCK_STREAM,0) or die; print connect(S,pack("Sa*",AF_UNIX,"${path}")) ? "in" : "out"'`;

describeForStartersDaily("out of a jail of %s's engine,", (options) => {
  const captive = new Captive(options);
  const tries = (command: string) => captive.tries(command);

  it("the host's loopback cannot be reached", async () => {
    const server = await service(hostWords, 0, '127.0.0.1');
    for (const host of hostAddresses) expect(await tries(dial(host, portOf(server))), host).toBe('end\n');
    server.close();
  });

  it("the host's sockets cannot be reached, abstract ones and those in its folders", async () => {
    const name = `engine-escape-${process.pid}`;
    const path = join(captive.secrets, 'socket');
    const [abstract, named] = await Promise.all([service(hostWords, `\0${name}`), service(hostWords, path)]);
    chmodSync(path, 0o777);
    expect(await tries('cat /proc/net/unix')).not.toMatch(/engine|host-secrets/);
    expect(await tries(connect(String.raw`\0${name}`))).toBe('out');
    await tries(`ln -sf ${path} socket; ln -sf /proc/1/root${path} another`);
    for (const way of [path, 'socket', 'another', `/proc/1/root${path}`]) {
      expect(await tries(connect(way)), way).toBe('out');
    }
    abstract.close();
    named.close();
  });

  it("the engine's socket, port and token are out of reach", async () => {
    const { socketPath, url, token, dataDir } = captive.engine;
    await tries(`ln -sf ${socketPath} engine.sock; ln -sfn ${dataDir} data`);
    for (const way of [socketPath, 'engine.sock', 'data/engine.sock', `/proc/1/root${socketPath}`]) {
      expect(await tries(connect(way)), way).toBe('out');
    }
    const port = Number(new URL(url ?? '').port);
    for (const host of hostAddresses) expect(await tries(dial(host, port)), host).toBe('end\n');
    const places = '/etc /run /var /tmp /dev/shm /home /proc/*/environ /proc/*/cmdline';
    // The pattern is not to be found in the command line of the search itself.
    const search = `grep -rlsF -e "$(printf %s%s '${token.slice(0, 20)}' '${token.slice(20)}')" ${places}; echo end`;
    expect(await tries(search)).not.toMatch(/etc|run|var|tmp|shm|home|environ/);
  });

  it("another sandbox's services cannot be reached", async () => {
    const { client } = captive;
    const other = await client.create();
    const listen = `perl -MIO::Socket::INET -e '$s=IO::Socket::INET->new(Listen=>9,LocalAddr=>"0.0.0.0:7007") or die; while($c=$s->accept){print $c "of another"; close $c}' >/dev/null 2>&1 &`;
    const listenAbstract = String.raw`perl -MSocket -e 'socket(S,PF_UNIX,SOCK_STREAM,0); bind(S,pack("Sa*",AF_UNIX,"\0neighbour")); listen(S,9); sleep 600' >/dev/null 2>&1 &`;
    await client.run(other, `${listen} ${listenAbstract}`);
    const own = await client.run(
      other,
      `sleep 0.5; ${dial('127.0.0.1', 7007)}; ${connect(String.raw`\0neighbour`)}`,
    );
    expect(own).toBe('connected\nof anotherend\nin');
    for (const host of hostAddresses) expect(await tries(dial(host, 7007)), host).toBe('end\n');
    expect(await tries(connect(String.raw`\0neighbour`))).toBe('out');
    await client.call('DELETE', other);
  });

  it('no network at all is there with deny-all', async () => {
    const { client } = captive;
    const other = await client.create({ network_policy: { mode: 'deny-all' } });
    expect(await client.run(other, 'cat /proc/net/dev | tail -n +3 | cut -d: -f1 | tr -d " "')).toBe('lo\n');
    expect(await client.run(other, 'cat /proc/net/route | wc -l')).toBe('1\n');
    await client.call('DELETE', other);
  });

  it('a network is there with allow-all, where the host can give one', async ({ skip }) => {
    const { body } = await captive.client.call('GET', captive.sandbox);
    if (body.network_policy.mode === 'deny-all') expect(body.warnings).toHaveLength(1);
    const outside = Object.values(networkInterfaces()).flat();
    const address = outside.find((each) => each?.family === 'IPv4' && !each.internal)?.address;
    if (!address || body.network_policy.mode === 'deny-all') return skip();
    const server = await service('of the network', 0, address);
    expect(await tries(dial(address, portOf(server), 5))).toBe('connected\nof the networkend\n');
    server.close();
  });
});
