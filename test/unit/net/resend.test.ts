import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { clientOf, get, good, post, schema, type TestClient } from './testClient.ts';
import { TestServers } from './testServers.ts';

const servers = new TestServers();
afterAll(() => servers.close());

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const ok: Answer = (_, response) => response.end(good);
const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (_, response) =>
    response.writeHead(code, headers).end('{"message": "because"}');
const hangUp: Answer = (request) => request.socket.destroy();

/** A client of a server that gives each answer once, in this order, and the last one from then on. */
async function against(...answers: Answer[]): Promise<TestClient & { requests: string[] }> {
  const requests: string[] = [];
  const listener: RequestListener = (request, response) => {
    requests.push(`${request.method}`);
    request
      .resume()
      .on('end', () => (answers.length > 1 ? answers.shift() : answers[0])?.(request, response));
  };
  const { port } = await servers.http(listener);
  return { ...clientOf({ origin: `http://127.0.0.1:${port}` }), requests };
}

const remove = { method: 'DELETE', path: '/v1/thing' } as const;

describe.concurrent('a call that reads', () => {
  it.each<[string, Answer]>([
    ['502', status(502)],
    ['503', status(503)],
    ['504', status(504)],
    ['429 that says when', status(429, { 'retry-after': '0' })],
    ['429', status(429)],
    ['a connection that breaks', hangUp],
    [
      'an answer that breaks off',
      (_, response) => {
        response.writeHead(200, { 'content-length': '100' }).write('{"name"');
        setTimeout(() => response.socket?.destroy(), 20);
      },
    ],
  ])('is sent again after %s', async (_, failure) => {
    const { http, requests } = await against(failure, ok);
    await expect(http.json(schema, get)).resolves.toEqual({ name: 'n' });
    expect(requests).toEqual(['GET', 'GET']);
  });

  it.each([400, 401, 403, 404, 409, 500])('is not sent again after %i', async (code) => {
    const { http, requests } = await against(status(code), ok);
    await expect(http.json(schema, get)).rejects.toMatchObject({ message: 'because' });
    expect(requests).toEqual(['GET']);
  });

  it('is sent four times at most, and every one is a line in the log', async () => {
    const { http, lines } = await against(status(503));
    await expect(http.json(schema, get)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(lines).toEqual([
      expect.stringMatching(/^GET \/v1\/thing 503 \d+ ms$/),
      expect.stringMatching(/^GET \/v1\/thing 503 \d+ ms \(try 2\)$/),
      expect.stringMatching(/^GET \/v1\/thing 503 \d+ ms \(try 3\)$/),
      expect.stringMatching(/^GET \/v1\/thing 503 \d+ ms \(try 4\)$/),
    ]);
  });

  it('waits as long as the service asks, by an HTTP date, too', async () => {
    const date = new Date(Date.UTC(2026, 1, 1)).toUTCString();
    const soon = new Date(Date.UTC(2026, 1, 1, 0, 0, 1)).toUTCString();
    const { http } = await against(status(429, { date, 'retry-after': soon }), ok);
    const started = performance.now();
    await http.json(schema, get);
    expect(performance.now() - started).toBeGreaterThan(1_000);
  });

  it('is given up at once, with the time of day to wait for, when the service asks for too long a wait', async () => {
    const { http, requests } = await against(status(429, { 'retry-after': '120' }), ok);
    await expect(http.json(schema, get)).rejects.toMatchObject({
      kind: 'rateLimited',
      retryAfterMs: 120_000,
      advice: expect.stringMatching(/^Try again after \d+[:.]\d\d[:.]\d\d.*\.$/),
    });
    expect(requests).toEqual(['GET']);
  });

  it('has one time-out for all tries together', async () => {
    const { http, requests } = await against(status(503), () => undefined);
    await expect(http.json(schema, { ...get, timeoutMs: 2_000 })).rejects.toMatchObject({ kind: 'timeout' });
    expect(requests).toEqual(['GET', 'GET']);
  });

  it('is not sent again once it is cancelled', async () => {
    const controller = new AbortController();
    const { http, requests } = await against((request, response) => {
      status(503)(request, response);
      setTimeout(() => controller.abort(), 50);
    }, ok);
    await expect(http.json(schema, { ...get, signal: controller.signal })).rejects.toMatchObject({
      kind: 'cancelled',
    });
    await sleep(400);
    expect(requests).toEqual(['GET']);
  });
});

describe.concurrent('a call that changes something', () => {
  it.each<[string, Answer, string]>([
    ['502', status(502), 'unavailable'],
    ['503', status(503), 'unavailable'],
    ['504', status(504), 'unavailable'],
    ['429 that says when', status(429, { 'retry-after': '0' }), 'rateLimited'],
    ['429', status(429), 'rateLimited'],
    ['a connection that breaks', hangUp, 'network'],
  ])('is never sent twice: %s', async (_, failure, kind) => {
    const { http, requests } = await against(failure, ok);
    await expect(http.json(schema, post)).rejects.toMatchObject({ kind });
    await sleep(400);
    expect(requests).toEqual(['POST']);
  });

  it('is sent again when nobody was there to receive it', async () => {
    const port = await servers.deadPort();
    const { http, lines } = clientOf({ origin: `http://127.0.0.1:${port}` });
    await expect(http.json(schema, post)).rejects.toMatchObject({
      kind: 'network',
      message: `127.0.0.1:${port} cannot be reached (ECONNREFUSED).`,
    });
    expect(lines).toHaveLength(4);
  });

  it('finds the endpoint anew before it is sent again', async () => {
    const { port } = await servers.http((_, response) => response.end(good));
    const ports = [await servers.deadPort(), port];
    const endpoint = async () => ({ origin: `http://127.0.0.1:${ports.shift() ?? port}`, headers: {} });
    const { http } = clientOf({}, { endpoint });
    await expect(http.json(schema, post)).resolves.toEqual({ name: 'n' });
  });
});

describe.concurrent('a deletion', () => {
  it('is sent again after a passing failure', async () => {
    const { http, requests } = await against(hangUp, status(503), status(204));
    await http.done(remove);
    expect(requests).toEqual(['DELETE', 'DELETE', 'DELETE']);
  });

  it.each([
    ['a broken connection', hangUp],
    ['504', status(504)],
  ])('is done when its repetition finds nothing after %s', async (_, failure) => {
    const { http } = await against(failure, status(404));
    await http.done(remove);
  });

  it.each([
    ['the first one', []],
    ['one that was only told to wait', [status(429, { 'retry-after': '0' })]],
  ])('is not done when nothing is found by %s', async (_, before) => {
    const { http } = await against(...before, status(404));
    await expect(http.done(remove)).rejects.toMatchObject({ kind: 'notFound' });
  });
});

describe.concurrent('a connection that is kept', () => {
  /** A server that answers the first request of a connection, and breaks it as soon as a second one comes. */
  async function againstForgetful() {
    const seen = new Map<Socket, string[]>();
    const { port } = await servers.http((request, response) => {
      const requests = seen.get(request.socket) ?? [];
      seen.set(request.socket, [...requests, String(request.method)]);
      if (requests.length > 0) request.socket.destroy();
      else response.end(good);
    });
    const client = clientOf({ origin: `http://127.0.0.1:${port}` });
    return { ...client, seen: () => Array.from(seen.values()) };
  }

  it('is used again for reading, and its loss is made good', async () => {
    const { http, seen } = await againstForgetful();
    await http.json(schema, get);
    await sleep(50);
    await expect(http.json(schema, get)).resolves.toEqual({ name: 'n' });
    expect(seen()).toEqual([['GET', 'GET'], ['GET']]);
  });

  it('is not used for what may be sent only once', async () => {
    const { http, seen } = await againstForgetful();
    await http.json(schema, get);
    await sleep(50);
    await http.json(schema, post);
    await sleep(50);
    await http.json(schema, post);
    expect(seen()).toEqual([['GET'], ['POST'], ['POST']]);
  });

  it('is one of a few, however many calls there were at once', async () => {
    const { server, port } = await servers.http((_, response) => setTimeout(() => response.end(good), 50));
    const { http } = clientOf({ origin: `http://127.0.0.1:${port}` });
    await Promise.all(Array.from({ length: 30 }, () => http.json(schema, get)));
    await sleep(100);
    const left = await new Promise((resolve) => server.getConnections((_, count) => resolve(count)));
    expect(left).toBe(8);
    http.dispose();
  });

  it('is closed with its client, and none is opened after that', async () => {
    const { server, port } = await servers.http((_, response) => response.end(good));
    const { http } = clientOf({ origin: `http://127.0.0.1:${port}` });
    await http.json(schema, get);
    http.dispose();
    await expect(http.json(schema, get)).rejects.toMatchObject({ kind: 'cancelled' });
    await sleep(50);
    const left = await new Promise((resolve) => server.getConnections((_, count) => resolve(count)));
    expect(left).toBe(0);
  });

  it('never carries a second request before the first is answered', async () => {
    let atOnce = 0;
    const open = new Map<Socket, number>();
    const { port } = await servers.http((request, response) => {
      open.set(request.socket, (open.get(request.socket) ?? 0) + 1);
      atOnce = Math.max(atOnce, ...open.values());
      setTimeout(() => {
        open.set(request.socket, 0);
        response.end(good);
      }, 20);
    });
    const { http } = clientOf({ origin: `http://127.0.0.1:${port}` });
    const calls = Array.from({ length: 20 }, (_, index) => http.json(schema, index % 2 ? get : post));
    await Promise.all(calls);
    expect(atOnce).toBe(1);
  });
});
