import { once } from 'node:events';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import type { NetworkSettings } from '../../../src/net/network.ts';
import { openWebSocket } from '../../../src/net/webSocket.ts';
import { clientOf, get, good, networkOf, post, schema } from './testClient.ts';
import { TestAuthority, type Identity } from './testAuthority.ts';
import { TestServers, type TestProxy } from './testServers.ts';

const servers = new TestServers();
const authority = new TestAuthority();
let identity: Identity;

beforeAll(() => {
  identity = authority.issue('DNS:sandbox.test,IP:127.0.0.1');
  setDefaultCACertificates([...getCACertificates('default'), authority.cert]);
});
afterAll(() => {
  servers.close();
  authority.dispose();
});

type By = 'HTTP' | 'WebSocket';

/** Reaches a service by its name, which only the proxy knows, and closes it again. */
async function reach(
  by: By,
  origin: string,
  settings: Partial<NetworkSettings>,
  until: number | AbortSignal = 5_000,
): Promise<unknown> {
  const network = networkOf(settings);
  const timeoutMs = typeof until === 'number' ? until : 5_000;
  const options = { timeoutMs, signal: typeof until === 'number' ? undefined : until };
  const { http } = clientOf({ origin }, { network });
  if (by === 'HTTP') return http.json(schema, { ...get, ...options }).finally(() => http.dispose());
  const socket = await openWebSocket({ origin, headers: {} }, '/connect', { ...options, network });
  const message = once(socket, 'message');
  socket.resume();
  const [data] = (await message) as [Buffer];
  socket.terminate();
  return JSON.parse(data.toString());
}

/** A service that answers the same by HTTP and by WebSocket; its port. */
async function service(secured?: Identity): Promise<number> {
  const { server, port } = await servers.http((_, response) => response.end(good), secured);
  new WebSocketServer({ server }).on('connection', (socket) => socket.send(good));
  return port;
}

const address = (proxy: TestProxy) => `http://127.0.0.1:${proxy.port}`;

describe.concurrent.each<By>(['HTTP', 'WebSocket'])('%s through a proxy', (by) => {
  it('reaches a service over TLS, by a name that only the proxy knows', async () => {
    const proxy = await servers.proxy(await service(identity));
    await expect(reach(by, 'https://sandbox.test', { proxy: address(proxy) })).resolves.toEqual({
      name: 'n',
    });
    expect(proxy.asked).toEqual([
      expect.stringMatching(/^CONNECT sandbox\.test:443 HTTP\/1\.1\r\nhost: sandbox\.test:443\r\n/i),
    ]);
    expect(proxy.asked[0]).not.toMatch(/authorization/i);
  });

  it('reaches a service without TLS by a tunnel, too', async () => {
    const proxy = await servers.proxy(await service());
    const answer = reach(by, 'http://[fd00::1]:8080', { proxy: address(proxy) });
    await expect(answer).resolves.toEqual({ name: 'n' });
    expect(proxy.asked[0]).toMatch(/^CONNECT \[fd00::1\]:8080 /);
  });

  it('asks the proxy itself by TLS when it is told to', async () => {
    const proxy = await servers.proxy(await service(identity), undefined, identity);
    const settings = { proxy: `https://127.0.0.1:${proxy.port}` };
    await expect(reach(by, 'https://sandbox.test', settings)).resolves.toEqual({ name: 'n' });
    expect(proxy.asked).toHaveLength(1);
  });

  it('takes the proxy of the environment', async () => {
    const proxy = await servers.proxy(await service(identity));
    const env = { https_proxy: address(proxy) };
    await expect(reach(by, 'https://sandbox.test', { env })).resolves.toEqual({ name: 'n' });
  });

  it('shows the proxy who it is', async () => {
    const proxy = await servers.proxy(await service(identity));
    const settings = { proxy: address(proxy).replace('//', '//me:secret-word@') };
    await reach(by, 'https://sandbox.test', settings);
    const basic = Buffer.from('me:secret-word').toString('base64');
    expect(proxy.asked[0]).toMatch(new RegExp(`^proxy-authorization: Basic ${basic}\r$`, 'im'));
  });

  it.each<[string, string, RegExp, RegExp]>([
    [
      '403 Forbidden',
      'network',
      /does not let us through to sandbox\.test: 403 Forbidden$/,
      /the setting http\.proxy/,
    ],
    ['407 Who are you', 'network', /: 407 Who are you$/, /http\.proxyAuthorization/],
    ['502 Bad Gateway', 'network', /: 502 Bad Gateway$/, /http\.noProxy/],
    ['', 'timeout', /^The proxy 127\.0\.0\.1:\d+ did not answer in time\.$/, /the setting http\.proxy/],
  ])('says that the proxy refuses: %s', async (refusal, kind, message, advice) => {
    const proxy = await servers.proxy(0, refusal);
    const failure = reach(by, 'https://sandbox.test', { proxy: address(proxy) }, refusal ? 5_000 : 200);
    await expect(failure).rejects.toMatchObject({
      kind,
      message: expect.stringMatching(message),
      advice: expect.stringMatching(advice),
    });
  });

  it('says that the proxy hangs up, or does not speak HTTP', async () => {
    const mute = await servers.tcp((socket) => socket.once('data', () => socket.destroy()));
    await expect(
      reach(by, 'https://sandbox.test', { proxy: `http://127.0.0.1:${mute}` }),
    ).rejects.toMatchObject({
      kind: 'network',
      message: expect.stringMatching(/^The proxy .* cannot be reached/),
    });
    const ssh = await servers.tcp((socket) => socket.once('data', () => socket.end('SSH-2.0-OpenSSH\r\n')));
    await expect(
      reach(by, 'https://sandbox.test', { proxy: `http://127.0.0.1:${ssh}` }),
    ).rejects.toMatchObject({
      kind: 'network',
      message: expect.stringMatching(/^The proxy .* another protocol/),
    });
  });

  it('lets go of the proxy when the user cancels, down to the socket', async () => {
    let letGo = (): void => undefined;
    const gone = new Promise<void>((resolve) => (letGo = resolve));
    const controller = new AbortController();
    const silent = await servers.tcp((socket) => {
      socket.on('close', () => letGo()).on('error', () => undefined);
      socket.once('data', () => controller.abort());
    });
    const answer = reach(
      by,
      'https://sandbox.test',
      { proxy: `http://127.0.0.1:${silent}` },
      controller.signal,
    );
    await expect(answer).rejects.toMatchObject({ kind: 'cancelled' });
    await gone;
  });

  it('says that nobody is at the address of the proxy', async () => {
    const proxy = `http://127.0.0.1:${await servers.deadPort()}`;
    await expect(reach(by, 'https://sandbox.test', { proxy })).rejects.toMatchObject({
      kind: 'network',
      message: expect.stringMatching(/^The proxy 127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)/),
      advice: expect.stringContaining('the setting http.proxy'),
    });
  });

  it("says whose certificate is bad, the service's or the proxy's", async () => {
    const wrong = authority.issue('DNS:other.test');
    const proxy = await servers.proxy(await service(wrong));
    await expect(reach(by, 'https://sandbox.test', { proxy: address(proxy) })).rejects.toMatchObject({
      message: expect.stringMatching(/^The certificate of sandbox\.test is made out to another name/),
    });
    const badProxy = await servers.proxy(await service(identity), undefined, wrong);
    await expect(
      reach(by, 'https://sandbox.test', { proxy: `https://127.0.0.1:${badProxy.port}` }),
    ).rejects.toMatchObject({
      message: expect.stringMatching(/^The certificate of the proxy 127\.0\.0\.1:\d+ is made out to another/),
    });
  });

  it('goes around the proxy where it is told to', async () => {
    const proxy = await servers.proxy(0, '403 Forbidden');
    const port = await service();
    const settings = { proxy: address(proxy), noProxy: ['*'] };
    await expect(reach(by, `http://127.0.0.1:${port}`, settings)).resolves.toEqual({ name: 'n' });
    expect(proxy.asked).toEqual([]);
  });
});

describe.concurrent('a proxy', () => {
  it('that cannot reach the service at the moment is asked again, even by what may be sent only once', async () => {
    const proxy = await servers.proxy(0, '502 Bad Gateway');
    const network = networkOf({ proxy: address(proxy) });
    const { http } = clientOf({ origin: 'https://sandbox.test' }, { network });
    await expect(http.json(schema, post)).rejects.toMatchObject({ kind: 'network' });
    expect(proxy.asked).toHaveLength(4);
  });

  it('that says no is asked once', async () => {
    const proxy = await servers.proxy(0, '407 Who are you');
    const network = networkOf({ proxy: address(proxy) });
    const { http } = clientOf({ origin: 'https://sandbox.test' }, { network });
    await expect(http.json(schema, get)).rejects.toMatchObject({ kind: 'network' });
    expect(proxy.asked).toHaveLength(1);
  });

  it('is looked up at every connection, so a changed setting holds at once', async () => {
    const refusing = await servers.proxy(0, '403 Forbidden');
    const proxies = [address(refusing), address(await servers.proxy(await service(identity)))];
    const network = {
      ...networkOf({}),
      settings: () => networkOf({ proxy: proxies.shift() ?? '' }).settings(),
    };
    const { http } = clientOf({ origin: 'https://sandbox.test' }, { network });
    await expect(http.json(schema, get)).rejects.toMatchObject({ kind: 'network' });
    await expect(http.json(schema, get)).resolves.toEqual({ name: 'n' });
  });

  it('is never on the way to a Unix socket', async () => {
    const proxy = await servers.proxy(0, '403 Forbidden');
    const network = networkOf({ proxy: address(proxy) });
    const { http } = clientOf({ origin: 'http://engine', socketPath: '/nowhere/engine.sock' }, { network });
    await expect(http.json(schema, get)).rejects.toMatchObject({
      message: 'The local engine cannot be reached (ENOENT).',
    });
    expect(proxy.asked).toEqual([]);
  });

  it('has credentials that are in no error and no line of the log, and are told as secrets', async () => {
    const proxy = await servers.proxy(0, '403 Forbidden');
    const hidden: string[] = [];
    const network = {
      ...networkOf({ proxy: address(proxy).replace('//', '//me:secret-word@') }),
      hide: (secret: string) => void hidden.push(secret),
    };
    const { http, lines } = clientOf({ origin: 'https://sandbox.test' }, { network });
    const failure = await http.json(schema, get).catch((error: unknown) => error);
    expect(JSON.stringify([failure, String(failure), lines])).not.toMatch(/secret-word|bWU6c2VjcmV0LXdvcmQ/);
    expect(hidden).toContain('secret-word');
    expect(hidden).toContain(Buffer.from('me:secret-word').toString('base64'));
  });
});
