import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from './client.ts';
import { dispose, startEngine, type RunningEngine, removeProgram } from './startEngine.ts';

afterAll(removeProgram);

let engine: RunningEngine;
let client: Client;
let sandbox: string;

beforeAll(async () => {
  engine = await startEngine({ args: ['--listen', '127.0.0.1:0'] });
  client = new Client(engine);
  sandbox = await client.create();
});
afterAll(() => dispose(engine));

describe('who may call', () => {
  it.each([undefined, '', 'Bearer', 'Bearer x', 'x', 'Basic eA=='])(
    'nobody with %j',
    async (authorization) => {
      for (const headers of [
        { authorization },
        { authorization: undefined, 'leap0-authorization': authorization },
      ]) {
        const answer = await client.call('GET', '/v1/sandboxes', undefined, { headers });
        expect(answer).toMatchObject({ status: 401, body: { message: expect.stringContaining('token') } });
      }
    },
  );

  it('who has the token, in each way that Leap0 documents', async () => {
    const { token } = engine;
    const ways: Record<string, string>[] = [
      { authorization: `Bearer ${token}` },
      { authorization: token },
      { 'leap0-authorization': `Bearer ${token}` },
      { 'leap0-authorization': token },
      { 'leap0-authorization': token, authorization: 'Basic eA==' },
    ];
    for (const way of ways) {
      const headers = { authorization: undefined, ...way };
      expect((await client.call('GET', '/v1/sandboxes', undefined, { headers })).status).toBe(200);
    }
    const session = (await client.terminal(sandbox)).session;
    await expect(client.connect(session, { authorization: token })).resolves.toBeDefined();
  });

  it('no web page, on the TCP port', async () => {
    const call = (headers: Record<string, string>) =>
      client.call('GET', '/v1/sandboxes', undefined, { headers, tcp: true });
    expect((await call({})).status).toBe(200);
    expect((await call({ origin: 'http://evil.example' })).status).toBe(403);
    expect((await call({ origin: 'null' })).status).toBe(403);
    expect((await call({ host: 'evil.example' })).status).toBe(403);
    expect((await call({ host: 'localhost' })).status).toBe(403);
    const { session } = await client.terminal(sandbox);
    await expect(client.connect(session, { origin: 'http://evil.example' }, true)).rejects.toThrow('403');
    await expect(client.connect(session, {}, true)).resolves.toBeDefined();
  });

  it('no web page, with what a browser sends without asking first', async () => {
    const before = (await client.call('GET', '/v1/sandboxes')).body.total_items;
    const origin = { origin: 'http://evil.example' };
    const post = (headers: Record<string, string | undefined>) =>
      client.call('POST', '/v1/sandbox', undefined, { raw: '{}', tcp: true, headers });
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
    ]) {
      const simple = { 'content-type': type, authorization: undefined };
      expect((await post(simple)).status).toBe(401);
      expect((await post({ ...simple, ...origin })).status).toBe(403);
      // Not even one that had got hold of the token.
      expect((await post({ 'content-type': type, ...origin })).status).toBe(403);
    }
    const asked = {
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization',
    };
    const preflight = await client.call('OPTIONS', '/v1/sandbox', undefined, {
      tcp: true,
      headers: { ...origin, ...asked, authorization: undefined },
    });
    expect(preflight.status).toBe(403);
    expect(Object.keys(preflight.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    expect((await client.call('GET', '/v1/sandboxes')).body.total_items).toBe(before);
  });
});

describe('a listener for other programs', () => {
  const open = async () => (await client.call('POST', '/v1/engine/listener')).body;

  it('is opened once, on loopback, with a key that holds there and nowhere else', async () => {
    const [one, two] = await Promise.all([open(), open()]);
    expect(two).toEqual(one);
    expect(one.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const status = async (url: string, key: string) =>
      (await fetch(`${url}/v1/sandboxes`, { headers: { authorization: `Bearer ${key}` } })).status;
    expect(await status(one.url, one.key)).toBe(200);
    expect(await status(one.url, engine.token)).toBe(401);
    expect(await status(engine.url ?? '', one.key)).toBe(401);
    const headers = { authorization: `Bearer ${one.key}` };
    expect((await client.call('GET', '/v1/sandboxes', undefined, { headers })).status).toBe(401);
  });

  it('is closed to web pages, by whatever name', async () => {
    const { url, key } = await open();
    const call = (headers: Record<string, string>) =>
      client.call('GET', '/v1/sandboxes', undefined, {
        url,
        headers: { authorization: `Bearer ${key}`, ...headers },
      });
    expect((await call({})).status).toBe(200);
    expect((await call({ origin: 'http://evil.example' })).status).toBe(403);
    expect((await call({ host: `rebound.example:${new URL(url).port}` })).status).toBe(403);
  });
});
