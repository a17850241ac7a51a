import { afterEach, expect, it } from 'vitest';
import { revisionB } from '../../../src/providers/leap0/revisionB.ts';
import { LocalProvider } from '../../../src/providers/local/provider.ts';
import { networkOf } from '../net/testClient.ts';
import { TestServers } from '../net/testServers.ts';

const servers = new TestServers();
afterEach(() => servers.close());

const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** The account of an engine that answers every call with this, and the secrets that it has hidden. */
async function answering(status: number, body: object) {
  const hidden: string[] = [];
  const { port } = await servers.http((_, response) => response.writeHead(status).end(JSON.stringify(body)));
  const provider = new LocalProvider({
    endpoint: async () => ({ origin: `http://127.0.0.1:${port}`, headers: {} }),
    network: networkOf({}),
    log,
    timeouts: () => ({ callMs: 5_000, createMs: 5_000 }),
    hide: (secret) => hidden.push(secret),
    dialect: revisionB,
    networkLimits: {},
    templates: [],
    timeoutMinutes: 5,
    autoPause: false,
  });
  return { provider, hidden };
}

it('hides the key that other programs get', async () => {
  const address = { url: 'http://127.0.0.1:4711', key: 'secret' };
  const { provider, hidden } = await answering(200, address);
  expect(await provider.openListener()).toEqual(address);
  expect(hidden).toEqual(['secret']);
  provider.dispose();
});

it('says so when an older engine still runs, which opens no port', async () => {
  const { provider } = await answering(404, { message: 'There is no such route.' });
  await expect(provider.openListener()).rejects.toMatchObject({
    kind: 'unavailable',
    message: expect.stringContaining('older version'),
    advice: expect.stringContaining('ends by itself'),
  });
  provider.dispose();
});
