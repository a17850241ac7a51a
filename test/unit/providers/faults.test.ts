import type { RequestListener, ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Leap0Provider } from '../../../src/providers/leap0/provider.ts';
import { revisionB } from '../../../src/providers/leap0/revisionB.ts';
import { AccountFleet } from '../../../src/sandboxes/accountFleet.ts';
import type { ErrorKind } from '../../../src/sandboxes/errors.ts';
import { networkOf } from '../net/testClient.ts';
import { TestAuthority } from '../net/testAuthority.ts';
import { TestServers } from '../net/testServers.ts';
import { MemorySharing } from '../sandboxes/memorySharing.ts';

const servers = new TestServers();
const authority = new TestAuthority();
afterAll(() => {
  servers.close();
  authority.dispose();
});

const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const list = JSON.stringify({ items: [{ id: 'sb-1', state: 'running' }], total_items: 1 });

/** Where the fleet's calls go to. */
interface Way {
  readonly origin: string;
  readonly proxy?: string;
}

let good: Way;
beforeAll(async () => {
  const { port } = await servers.http((request, response) =>
    response.end(request.url?.startsWith('/v1/sandboxes?') ? list : '{"id": "sb-1", "state": "running"}'),
  );
  good = { origin: `http://127.0.0.1:${port}` };
});

const answers = (listener: RequestListener) => async (): Promise<Way> => {
  const { port } = await servers.http(listener);
  return { origin: `http://127.0.0.1:${port}` };
};

const status = (code: number, headers: Record<string, string> = {}) =>
  answers((_, response) => response.writeHead(code, headers).end('{"message": "because"}'));

const text = (body: string | Buffer) => answers((_, response) => response.end(body));

function breakOff(response: ServerResponse): void {
  response.writeHead(200, { 'content-length': list.length }).write(list.slice(0, 20));
  setTimeout(() => response.socket?.destroy(), 10);
}

const secured = (names: string, days?: number) => async (): Promise<Way> => {
  const { port } = await servers.http((_, response) => response.end(list), authority.issue(names, days));
  return { origin: `https://127.0.0.1:${port}` };
};

const refusedBy = (refusal: string) => async (): Promise<Way> => {
  const proxy = await servers.proxy(0, refusal);
  return { origin: 'https://sandbox.test', proxy: `http://127.0.0.1:${proxy.port}` };
};

describe.concurrent('the last good list of an account', { timeout: 30_000 }, () => {
  it.each<[string, ErrorKind, () => Promise<Way>]>([
    ['401', 'unauthorized', status(401)],
    ['403', 'forbidden', status(403)],
    ['404', 'notFound', status(404)],
    ['409', 'conflict', status(409)],
    ['429', 'rateLimited', status(429)],
    ['429 that says when', 'rateLimited', status(429, { 'retry-after': '60' })],
    ['500', 'unavailable', status(500)],
    ['503', 'unavailable', status(503)],
    ['a redirection', 'protocol', status(302, { location: 'https://elsewhere.test' })],
    ['malformed JSON', 'protocol', text('{"items": [')],
    ['JSON of another kind', 'protocol', text('{"items": [{"id": 3}], "total_items": 1}')],
    ['a truncated body', 'network', answers((_, response) => breakOff(response))],
    ['11 MiB', 'protocol', text(Buffer.alloc(11 * 1024 * 1024, ' '))],
    ['something that is no HTTP', 'protocol', answers((request) => request.socket.end('Hello!\r\n\r\n'))],
    ['no answer', 'timeout', answers(() => undefined)],
    [
      'an answer after the time-out',
      'timeout',
      answers((_, response) => setTimeout(() => response.end(list), 2_000)),
    ],
    ['a closed port', 'network', async () => ({ origin: `http://127.0.0.1:${await servers.deadPort()}` })],
    ['a certificate of an unknown CA', 'network', secured('IP:127.0.0.1')],
    ['a certificate for another host', 'network', secured('DNS:other.test')],
    ['an expired certificate', 'network', secured('IP:127.0.0.1', -1)],
    ['403 from the proxy', 'network', refusedBy('403 Forbidden')],
    ['407 from the proxy', 'network', refusedBy('407 Who are you')],
    ['502 from the proxy', 'network', refusedBy('502 Bad Gateway')],
    ['no answer from the proxy', 'timeout', refusedBy('')],
  ])('outlives %s, which is told as %s', async (_, kind, fault) => {
    // What never answers is given up when the time is over; all else is told long before.
    const callMs = kind === 'timeout' ? 700 : 15_000;
    let way = good;
    const provider = new Leap0Provider({
      endpoint: async () => ({ origin: way.origin, headers: {} }),
      network: { ...networkOf({}), settings: () => networkOf({ proxy: way.proxy ?? '' }).settings() },
      log,
      timeouts: () => ({ callMs, createMs: callMs }),
      hide: () => {},
      dialect: revisionB,
      networkLimits: {},
      templates: [],
      timeoutMinutes: 5,
      autoPause: false,
    });
    const common = new MemorySharing().common();
    const forget = vi.spyOn(common.names, 'forgetGone');
    const fleet = new AccountFleet({ id: 'a', name: 'A', provider: 'test' }, async () => provider, common);
    await fleet.refresh();
    expect(fleet.view()).toMatchObject({ sandboxes: [{ id: 'sb-1' }], error: undefined });
    const listedAt = fleet.view().listedAt;
    forget.mockClear();

    way = await fault();
    const started = performance.now();
    await fleet.refresh();
    expect(fleet.view()).toMatchObject({ sandboxes: [{ id: 'sb-1' }], listedAt, error: { kind } });
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(forget).not.toHaveBeenCalled();

    way = good;
    await fleet.refresh();
    expect(fleet.view()).toMatchObject({ sandboxes: [{ id: 'sb-1' }], error: undefined });
    fleet.dispose();
  });
});
