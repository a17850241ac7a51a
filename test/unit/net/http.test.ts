import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import * as v from 'valibot';
import { afterEach, describe, expect, it } from 'vitest';
import { Http } from '../../../src/net/http.ts';

let server: Server | undefined;
const lines: string[] = [];
const log = { debug: () => {}, info: (line: string) => lines.push(line), warn: () => {}, error: () => {} };

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  lines.length = 0;
});

async function against(listener: RequestListener, timeoutMs = 5_000): Promise<Http> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return new Http({
    endpoint: async () => ({
      origin: `http://127.0.0.1:${port}`,
      headers: { authorization: 'Bearer top-secret' },
    }),
    log,
    timeoutMs: () => timeoutMs,
    readFailure: (body) =>
      typeof body === 'object' && body !== null && 'message' in body ? { message: String(body.message) } : {},
    maxBodyBytes: 10 * 1024 * 1024,
  });
}

const schema = v.looseObject({ name: v.string() });
const call = { method: 'GET', path: '/v1/thing?x=1' } as const;
/** A call that is not sent again. */
const once = { ...call, method: 'POST' } as const;

describe('a call', () => {
  it('carries the credentials and decodes the answer', async () => {
    const http = await against((request, response) => {
      expect(request.headers.authorization).toBe('Bearer top-secret');
      response.end('{"name": "n", "more": 1}');
    });
    expect(await http.json(schema, call)).toEqual({ name: 'n', more: 1 });
  });

  it('asks that its answer is not compressed', async () => {
    const http = await against((request, response) => {
      const zip = request.headers['accept-encoding'] !== 'identity';
      if (zip) response.setHeader('content-encoding', 'gzip');
      response.end(zip ? gzipSync('{"name": "n"}') : '{"name": "n"}');
    });
    expect(await http.json(schema, call)).toEqual({ name: 'n' });
  });

  it.each([300_000.5, 2 ** 31, Infinity])('may take %d milliseconds', async (timeoutMs) => {
    const http = await against((_, response) => setTimeout(() => response.end('{"name": "n"}'), 50));
    expect(await http.json(schema, { ...call, timeoutMs })).toEqual({ name: 'n' });
  });

  it('whose time is over before it begins has timed out', async () => {
    const http = await against(() => {});
    await expect(http.json(schema, { ...call, timeoutMs: -1 })).rejects.toMatchObject({ kind: 'timeout' });
  });

  it('is logged with method, path, status, time and request ID, and without secrets', async () => {
    const http = await against((_, response) =>
      response.setHeader('x-request-id', 'req-1').end('{"name": "n"}'),
    );
    await http.json(schema, call);
    expect(lines).toEqual([expect.stringMatching(/^GET \/v1\/thing\?x=1 200 \d+ ms req-1$/)]);
  });

  it('is logged by its kind when there is no answer', async () => {
    const http = await against((request) => request.socket.destroy());
    await expect(http.json(schema, once)).rejects.toMatchObject({ kind: 'network' });
    expect(lines).toEqual([expect.stringMatching(/^POST \/v1\/thing\?x=1 network \d+ ms$/)]);
  });
});

describe('a refusal', () => {
  it.each([
    [400, 'invalid'],
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [404, 'notFound'],
    [409, 'conflict'],
    [413, 'invalid'],
    [429, 'rateLimited'],
    [500, 'unavailable'],
    [503, 'unavailable'],
    [302, 'protocol'],
  ])('with status %i is of kind %s and says what the service said', async (status, kind) => {
    const http = await against((_, response) => response.writeHead(status).end('{"message": "because"}'));
    await expect(http.json(schema, once)).rejects.toMatchObject({ kind, message: 'because' });
  });

  it('tells how long to wait, in milliseconds', async () => {
    const http = await against((_, response) => response.writeHead(429, { 'retry-after': '7' }).end());
    await expect(http.json(schema, once)).rejects.toMatchObject({ retryAfterMs: 7000 });
  });

  it("by a proxy's own page keeps its status", async () => {
    const http = await against((_, response) => response.writeHead(503).end('<html>'));
    await expect(http.json(schema, once)).rejects.toMatchObject({ kind: 'unavailable' });
  });
});

describe('an answer that is not understood', () => {
  it('names the field', async () => {
    const http = await against((_, response) => response.end('{"name": 3}'));
    await expect(http.json(schema, call)).rejects.toMatchObject({
      kind: 'protocol',
      message: expect.stringContaining('GET /v1/thing?x=1 is not understood: name:'),
      fields: [{ field: 'name' }],
    });
  });

  it.each(['{', 'nonsense', '{"name": "n"} {'])(
    'is of kind protocol when it is no JSON: %s',
    async (body) => {
      const http = await against((_, response) => response.end(body));
      await expect(http.json(schema, call)).rejects.toMatchObject({ kind: 'protocol' });
    },
  );

  it('is of kind protocol when it is larger than it may be', async () => {
    const http = await against((_, response) => response.end(Buffer.alloc(11 * 1024 * 1024, ' ')));
    await expect(http.json(schema, call)).rejects.toMatchObject({ kind: 'protocol' });
  });

  it('is of kind protocol when it is no HTTP', async () => {
    const http = await against((request) => request.socket.end('Hello!\r\n\r\n'));
    await expect(http.json(schema, call)).rejects.toMatchObject({
      kind: 'protocol',
      message: expect.stringContaining('not understood'),
    });
  });

  it.each([
    ['when its header is larger than it may be', `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(200_000)}\r\n\r\n`],
    [
      'when it is the protocol that changes',
      'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
    ],
  ])('is of kind protocol, and asked for once, %s', async (_, answer) => {
    const http = await against((request) => request.socket.write(answer));
    await expect(http.json(schema, call)).rejects.toMatchObject({ kind: 'protocol' });
    expect(lines).toHaveLength(1);
  });

  it('is of kind network when it ends too early', async () => {
    const http = await against((_, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('{"name"');
      setTimeout(() => response.socket?.destroy(), 20);
    });
    await expect(http.json(schema, once)).rejects.toMatchObject({ kind: 'network' });
  });
});

describe('a service that does not answer', () => {
  it('is given up after the time-out', async () => {
    const http = await against(() => {}, 100);
    await expect(http.json(schema, call)).rejects.toMatchObject({ kind: 'timeout' });
  });

  it('is given up after the time-out in the middle of its body, too', async () => {
    const http = await against((_, response) => response.write('{'), 100);
    await expect(http.json(schema, call)).rejects.toMatchObject({ kind: 'timeout' });
  });

  it('is left at once when the user cancels, down to its socket', async () => {
    let closed = (): void => {};
    const hungUp = new Promise<void>((resolve) => (closed = resolve));
    const controller = new AbortController();
    const http = await against((request) => {
      request.socket.on('close', () => closed());
      controller.abort();
    });
    await expect(http.json(schema, { ...call, signal: controller.signal })).rejects.toMatchObject({
      kind: 'cancelled',
    });
    await hungUp;
  });

  it('is of kind network when nobody listens', async () => {
    const http = await against(() => {});
    await new Promise((resolve) => server?.close(resolve));
    await expect(http.json(schema, call)).rejects.toMatchObject({
      kind: 'network',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('is given up after the time-out when it would have answered later, and the next call is well', async () => {
    let calls = 0;
    const http = await against((_, response) => {
      setTimeout(() => response.end('{"name": "n"}'), ++calls === 1 ? 300 : 0);
    });
    await expect(http.json(schema, { ...call, timeoutMs: 100 })).rejects.toMatchObject({ kind: 'timeout' });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await expect(http.json(schema, call)).resolves.toEqual({ name: 'n' });
  });
});
