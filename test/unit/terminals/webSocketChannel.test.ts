import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocketServer, type ServerOptions, type WebSocket } from 'ws';
import type { Endpoint } from '../../../src/net/endpoint.ts';
import { openWebSocket } from '../../../src/net/webSocket.ts';
import type { ChannelEnd } from '../../../src/terminals/channel.ts';
import { Decoder } from '../../../src/terminals/decoder.ts';
import { WebSocketChannel } from '../../../src/terminals/webSocketChannel.ts';

let server: WebSocketServer;
afterEach(() => {
  for (const client of server.clients) client.terminate();
  server.close();
});

const ended: ChannelEnd = { kind: 'exited', exitCode: 3 };

async function listen(verifyClient?: ServerOptions['verifyClient']): Promise<Endpoint> {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1', ...(verifyClient && { verifyClient }) });
  await once(server, 'listening');
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, headers: {} };
}

/** A channel to a real WebSocket server whose side of the connection is `peer`. */
async function connect(greet?: (peer: WebSocket) => void, findEnd = vi.fn(async () => ended)) {
  const endpoint = await listen();
  const connected = new Promise<WebSocket>((resolve) => server.once('connection', resolve));
  server.once('connection', (socket) => greet?.(socket));
  const socket = await openWebSocket(endpoint, '/connect', { timeoutMs: 5_000 });
  const channel = new WebSocketChannel(socket, { resize: async () => {}, findEnd });
  return { channel, peer: await connected, findEnd };
}

describe('a channel', () => {
  it('loses nothing that arrives before somebody listens', async () => {
    const { channel } = await connect((peer) => peer.send(Buffer.from('first')));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const heard: string[] = [];
    channel.onData((bytes) => heard.push(Buffer.from(bytes).toString()));
    channel.resume();
    await vi.waitFor(() => expect(heard).toEqual(['first']));
    channel.close();
  });

  it('sends a paste of a megabyte whole, in order, as binary frames', async () => {
    const { channel, peer } = await connect();
    const received: Buffer[] = [];
    peer.on('message', (data: Buffer, isBinary) => {
      expect(isBinary).toBe(true);
      received.push(data);
    });
    const paste = Buffer.from(Array.from({ length: 1_000_000 }, (_, index) => index % 251));
    channel.write(paste);
    channel.write(Buffer.from('end'));
    await vi.waitFor(() => expect(Buffer.concat(received).length).toBe(1_000_003));
    expect(Buffer.concat(received).equals(Buffer.concat([paste, Buffer.from('end')]))).toBe(true);
    channel.close();
  });

  it('slows the sender down while it is paused, and drops nothing', async () => {
    const { channel, peer } = await connect();
    let bytes = 0;
    channel.onData((data) => (bytes += data.length));
    channel.resume();
    peer.send(Buffer.alloc(10));
    await vi.waitFor(() => expect(bytes).toBe(10));
    channel.pause();
    const total = 64 * 1024 * 1024;
    for (let sent = 0; sent < total; sent += 1024 * 1024) peer.send(Buffer.alloc(1024 * 1024));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(bytes).toBe(10);
    expect(peer.bufferedAmount).toBeGreaterThan(total / 2);
    channel.resume();
    await vi.waitFor(() => expect(bytes).toBe(10 + total), { timeout: 10_000 });
    channel.close();
  });

  it('tells once how it ended, after everything that was said before', async () => {
    const { channel, peer, findEnd } = await connect();
    const events: string[] = [];
    channel.onData((bytes) => events.push(Buffer.from(bytes).toString()));
    channel.onEnd((end) => events.push(end.kind));
    channel.resume();
    peer.send(Buffer.from('last words'));
    peer.close(4001);
    await vi.waitFor(() => expect(events).toEqual(['last words', 'exited']));
    expect(findEnd).toHaveBeenCalledExactlyOnceWith(4001);
  });

  it('that we leave ourselves does not end in anybody’s eyes', async () => {
    const { channel, peer, findEnd } = await connect();
    const closed = new Promise((resolve) => peer.once('close', resolve));
    channel.close();
    expect(await closed).toBe(1000);
    expect(findEnd).not.toHaveBeenCalled();
  });

  it('ignores what is written after its end', async () => {
    const { channel, peer } = await connect();
    const end = new Promise((resolve) => channel.onEnd(resolve));
    channel.resume();
    peer.terminate();
    await end;
    expect(() => channel.write(Buffer.from('late'))).not.toThrow();
    channel.close();
  });
});

describe('opening', () => {
  it('that is refused tells by what status', async () => {
    const endpoint = await listen((_, answer) => answer(false, 404));
    await expect(openWebSocket(endpoint, '/', { timeoutMs: 5_000 })).rejects.toMatchObject({
      kind: 'notFound',
    });
  });

  it('that is cancelled ends at once', async () => {
    const endpoint = await listen((_info, _answer) => {});
    const controller = new AbortController();
    const opening = openWebSocket(endpoint, '/', { timeoutMs: 60_000, signal: controller.signal });
    setTimeout(() => controller.abort(), 20);
    await expect(opening).rejects.toMatchObject({ kind: 'cancelled' });
  });

  it('that gets no answer is given up after the time-out', async () => {
    const endpoint = await listen((_info, _answer) => {});
    await expect(openWebSocket(endpoint, '/', { timeoutMs: 50 })).rejects.toMatchObject({ kind: 'timeout' });
  });
});

it('a character that is split over frames comes out whole', () => {
  const decoder = new Decoder();
  const bytes = Buffer.from('日本語 🧊');
  const text = Array.from(bytes, (byte) => decoder.decode(Uint8Array.of(byte))).join('');
  expect(text).toBe('日本語 🧊');
});
