import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Host } from './noProxy.ts';

/**
 * VS Code replaces `http.request` by one that adds a proxy of its own choice (`http.proxySupport`), which would make
 * two of them. It leaves alone what goes to a Unix socket, so that is what a connection that stands already is
 * given out as. The path is never opened.
 */
export const standing = '/standing-connection';

export interface TunnelAnswer {
  /** 2xx: what is written to the socket from now on reaches the host. */
  readonly status: number;
  readonly reason: string;
}

/** Asks the proxy at the other end of a socket to connect it with a host. Source: RFC 9110, section 9.3.6. */
export async function openTunnel(
  socket: Socket,
  { name, port }: Host,
  authorization: string | undefined,
  signal: AbortSignal,
): Promise<TunnelAnswer> {
  const authority = `${name.includes(':') ? `[${name}]` : name}:${port}`;
  const asking = request({
    method: 'CONNECT',
    path: authority,
    headers: { host: authority, ...(authorization && { 'proxy-authorization': authorization }) },
    socketPath: standing,
    createConnection: () => socket,
  });
  // What goes wrong is told by `once`; an error after that, such as that of a socket we gave up, is nobody's.
  asking.on('error', () => undefined).end();
  const [answer, , first] = (await once(asking, 'connect', { signal })) as [IncomingMessage, Socket, Buffer];
  if (first.length > 0) socket.unshift(first);
  return { status: answer.statusCode ?? 0, reason: answer.statusMessage ?? '' };
}
