import { createServer, connect, type NetConnectOpts, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { buffer } from 'node:stream/consumers';
import { eventually, type Client } from './client.ts';

/** Whether this machine has it, and so its sandboxes. */
export const hasIpv6 = Object.values(networkInterfaces())
  .flat()
  .some((each) => each?.address === '::1');

/**
 * A server in a sandbox: on a port of its IPv4 addresses, on one of `[::1]` alone, or on a Unix socket. `echo` sends
 * back what comes; `count` says how much came, when it has ended; `leave` says "bye", ends its own side, and writes what
 * still comes into the file `left`; `pour` sends zeros for ever.
 */
export async function serveInside(
  client: Client,
  sandbox: string,
  where: number | string,
  how: 'echo' | 'count' | 'leave' | 'pour',
): Promise<void> {
  const script = `
    use Socket qw(:all); $SIG{CHLD} = "IGNORE"; $0 = "server at ${where}";
    my $address = ${addressOf(where)};
    socket S, sockaddr_family($address), SOCK_STREAM, 0; setsockopt S, SOL_SOCKET, SO_REUSEADDR, 1;
    bind S, $address or die;
    listen S, 200;
    while (accept C, S) { if (fork) { close C; next } ${bodies[how]} exit }`;
  await client.call('POST', `${sandbox}/process/execute`, {
    command: `perl -e '${script}' >/dev/null 2>&1 &`,
  });
  await eventually(async () => {
    const listening = `cat /proc/net/tcp /proc/net/tcp6 /proc/net/unix | grep -Ec '${traceOf(where)}' || true`;
    if ((await client.run(sandbox, listening)) === '0\n') throw new Error(`nobody listens at ${where}`);
  });
}

const portOnIPv6 = /^\[::1\]:(\d+)$/;

/** The address as an expression in Perl. */
function addressOf(where: number | string): string {
  if (typeof where === 'number') return `pack_sockaddr_in(${where}, INADDR_ANY)`;
  const port = portOnIPv6.exec(where)?.[1];
  return port ? `pack_sockaddr_in6(${port}, IN6ADDR_LOOPBACK)` : `pack_sockaddr_un("${where}")`;
}

/** The line of a server there in `/proc/net`, as a pattern. */
function traceOf(where: number | string): string {
  const port = typeof where === 'number' ? where : Number(portOnIPv6.exec(where)?.[1]);
  return port ? `:${port.toString(16).toUpperCase().padStart(4, '0')} 0+:0000 0A` : String(where);
}

const bodies = {
  echo: 'while (sysread C, $b, 65536) { while (length $b) { $n = syswrite C, $b; substr($b, 0, $n) = "" } }',
  count: '$n = 0; while ($m = sysread C, $b, 65536) { $n += $m } syswrite C, "got $n";',
  leave:
    'syswrite C, "bye"; shutdown C, 1; open F, ">", "left"; while (sysread C, $b, 65536) { syswrite F, $b }',
  pour: '1 while syswrite C, "\\0" x 65536;',
};

/** Runs a client in a sandbox: it sends the text, ends its side, and prints what it gets. */
export function dialInside(
  client: Client,
  sandbox: string,
  where: number | string,
  text: string,
): Promise<string> {
  const script = `
    use Socket; my $family = "${where}" =~ /^\\d/ ? PF_INET : PF_UNIX;
    socket S, $family, SOCK_STREAM, 0;
    connect S, $family == PF_INET ? pack_sockaddr_in("${where}", INADDR_LOOPBACK) : pack_sockaddr_un("${where}")
      or die "refused";
    syswrite S, "${text}"; shutdown S, 1; print <S>;`;
  return client.run(sandbox, `perl -e '${script}' 2>&1`);
}

/** A server on the host that greets and sends back what comes. */
export async function serveHere(where: NetConnectOpts): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    socket.write('of the host: ');
    socket.pipe(socket);
  });
  server.listen(where);
  await once(server, 'listening');
  return server;
}

export async function freePort(): Promise<number> {
  const server = await serveHere({ port: 0, host: '127.0.0.1' });
  const address = server.address();
  server.close();
  if (typeof address !== 'object' || !address) throw new Error('no port');
  return address.port;
}

/** Connects from the host; again, until somebody listens there. */
export async function dialHere(where: NetConnectOpts): Promise<Socket> {
  let socket: Socket | undefined;
  await eventually(async () => {
    const tried = connect({ ...where, allowHalfOpen: true });
    await once(tried, 'connect');
    socket = tried;
  });
  if (!socket) throw new Error('not connected');
  return socket.on('error', () => undefined);
}

/** Sends, ends its own side, and reads until the other side ends. */
export async function exchange(socket: Socket, bytes: Buffer | string): Promise<Buffer> {
  const answer = buffer(socket);
  socket.end(bytes);
  return answer;
}

/** Whether it is closed at once. */
export async function isRefused(where: NetConnectOpts): Promise<boolean> {
  const socket = await dialHere(where);
  let bytes = 0;
  socket.on('data', (chunk: Buffer) => (bytes += chunk.length));
  await new Promise((resolve) => socket.on('end', resolve).on('close', resolve));
  socket.destroy();
  return bytes === 0;
}

/** Asks the SOCKS 5 proxy at the other end for a connection (RFC 1928). */
export async function socks(socket: Socket, host: string, port: number): Promise<void> {
  socket.write(Buffer.from([5, 1, 0]));
  await once(socket, 'data');
  const name = Buffer.from(host);
  socket.write(
    Buffer.concat([Buffer.from([5, 1, 0, 3, name.length]), name, Buffer.from([port >> 8, port & 255])]),
  );
  const [answer] = (await once(socket, 'data')) as [Buffer];
  if (answer[1] !== 0) throw new Error(`The proxy refuses ${host}: ${answer[1]}`);
}
