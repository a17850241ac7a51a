import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { openWebSocket } from '../../../src/net/webSocket.ts';
import { networkOf } from './testClient.ts';
import { TestServers } from './testServers.ts';

const servers = new TestServers();
afterEach(() => servers.close());

/** Opens a WebSocket to a server that does with every connection what the test wants. */
async function open(
  serve: (socket: Socket, head: string) => void,
  options: { signal?: AbortSignal; timeoutMs?: number } = {},
) {
  const port = await servers.tcp((socket) => {
    socket.on('error', () => undefined).once('data', (head: Buffer) => serve(socket, head.toString()));
  });
  const endpoint = { origin: `http://127.0.0.1:${port}`, headers: { authorization: 'Bearer top-secret' } };
  return openWebSocket(endpoint, '/v1/connect?x=1', { timeoutMs: 5_000, network: networkOf({}), ...options });
}

const answer = (text: string) => (socket: Socket) => void socket.end(`HTTP/1.1 ${text}\r\n\r\n`);

const proofFor = (head: string): string => {
  const key = /^sec-websocket-key: (.*)\r$/im.exec(head)?.[1];
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
};

const upgrade = (proof: string) =>
  `HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${proof}\r\n\r\n`;

function drip(socket: Socket, text: string): void {
  let sent = 0;
  const timer = setInterval(() => socket.write(text.charAt(sent++)), 20);
  socket.on('close', () => clearInterval(timer));
}

describe('a WebSocket', () => {
  it('is asked for at its path and host, with the credentials', async () => {
    let seen = '';
    const socket = await open((peer, head) => {
      seen = head;
      peer.write(upgrade(proofFor(head)));
    });
    socket.terminate();
    expect(seen).toMatch(/^GET \/v1\/connect\?x=1 HTTP\/1\.1\r\n/);
    expect(seen).toMatch(/^host: 127\.0\.0\.1:\d+\r$/im);
    expect(seen).toMatch(/^authorization: Bearer top-secret\r$/im);
  });

  it.each([
    ['401 Unauthorized', 'unauthorized'],
    ['403 Forbidden', 'forbidden'],
    ['404 Not Found', 'notFound'],
    ['409 Conflict', 'conflict'],
    ['429 Too Many Requests', 'rateLimited'],
    ['500 Internal Server Error', 'unavailable'],
    ['503 Service Unavailable', 'unavailable'],
    ['200 OK', 'protocol'],
    ['301 Moved Permanently\r\nLocation: https://elsewhere.test', 'protocol'],
  ])('that is answered with %s is a failure of kind %s', async (status, kind) => {
    await expect(open(answer(`${status}\r\nx-request-id: req-1`))).rejects.toMatchObject({
      kind,
      message: expect.stringContaining(status.slice(0, 7)),
      requestId: 'req-1',
    });
  });

  it.each<[string, (socket: Socket) => void, string]>([
    ['an upgrade without its proof', (socket) => void socket.write(upgrade('nonsense')), 'protocol'],
    ['an upgrade to something else', answer('101 Yes\r\nUpgrade: h2c\r\nConnection: Upgrade'), 'protocol'],
    ['no HTTP', (socket) => void socket.end('SSH-2.0-OpenSSH\r\n\r\n'), 'protocol'],
    ['a closed connection', (socket) => void socket.destroy(), 'network'],
    ['nothing', () => undefined, 'timeout'],
    ['an answer that never ends', (socket) => void socket.write('HTTP/1.1 101 Yes\r\nUpgr'), 'timeout'],
    ['a drop at a time', (socket) => drip(socket, `HTTP/1.1 101 Yes\r\nx: ${'x'.repeat(100)}`), 'timeout'],
  ])('that is answered with %s is a failure of its kind', async (_, serve, kind) => {
    await expect(open(serve, kind === 'timeout' ? { timeoutMs: 300 } : {})).rejects.toMatchObject({
      kind,
      message: expect.stringMatching(/^127\.0\.0\.1:/),
    });
  });

  it('is let go of when the user cancels, down to the socket', async () => {
    const controller = new AbortController();
    let letGo = (): void => undefined;
    const gone = new Promise<void>((resolve) => (letGo = resolve));
    const opening = open(
      (socket) => {
        socket.on('close', () => letGo());
        controller.abort();
      },
      { signal: controller.signal },
    );
    await expect(opening).rejects.toMatchObject({ kind: 'cancelled' });
    await gone;
  });

  it('is not opened for someone who has cancelled before', async () => {
    const opening = open(() => undefined, { signal: AbortSignal.abort() });
    await expect(opening).rejects.toMatchObject({ kind: 'cancelled' });
  });
});
