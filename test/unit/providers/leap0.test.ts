import { afterEach, describe, expect, it } from 'vitest';
import { Leap0Provider } from '../../../src/providers/leap0/provider.ts';
import { revisionB } from '../../../src/providers/leap0/revisionB.ts';
import { explain, ProviderError } from '../../../src/sandboxes/errors.ts';
import { networkOf } from '../net/testClient.ts';
import { TestServers } from '../net/testServers.ts';

const servers = new TestServers();
afterEach(() => servers.close());

const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const request = { template: 't', vcpu: 1, memoryMib: 1024, timeoutMinutes: 5, autoPause: false };

const restoring = { name: 'n', timeoutMinutes: 5, autoPause: false };

/** A provider whose service refuses everything in this way, and what was asked of it. */
async function refusing(status: number, headers: Record<string, string> = {}) {
  const asked: string[] = [];
  const { port } = await servers.http((incoming, response) => {
    asked.push(`${incoming.method} ${incoming.url}`);
    response.writeHead(status, { 'x-request-id': 'req-1', ...headers }).end('{"message": "No more"}');
  });
  return { provider: providerAt(port), asked };
}

const providerAt = (port: number, timeouts = { callMs: 5_000, createMs: 5_000 }) =>
  new Leap0Provider({
    endpoint: async () => ({ origin: `http://127.0.0.1:${port}`, headers: {} }),
    network: networkOf({}),
    log,
    timeouts: () => timeouts,
    hide: () => {},
    dialect: revisionB,
    networkLimits: {},
    templates: [],
    timeoutMinutes: 5,
    autoPause: false,
  });

const told = (call: Promise<unknown> | undefined) =>
  Promise.resolve(call).then(
    () => 'done',
    (error: unknown) => `${ProviderError.from(error).kind}: ${explain(ProviderError.from(error))}`,
  );

const limit =
  "No more. The account's limit of sandboxes is reached: delete one that is paused or stopped, then try again.";

describe('the limit of sandboxes', () => {
  it.each([
    [409, 'conflict'],
    [429, 'rateLimited'],
  ])('is told, with what to do, when a create is answered %i', async (status, kind) => {
    const { provider, asked } = await refusing(status);
    expect(await told(provider.create(request))).toBe(`${kind}: ${limit}`);
    await expect(provider.create(request)).rejects.toMatchObject({ requestId: 'req-1' });
    expect(asked).toEqual(['POST /v1/sandbox/', 'POST /v1/sandbox/']);
  });

  it('is told when a start is answered 429, while 409 means the wrong state', async () => {
    expect(await told((await refusing(429)).provider.start?.('s'))).toBe(`rateLimited: ${limit}`);
    expect(await told((await refusing(409)).provider.start?.('s'))).toBe('conflict: No more.');
  });

  it('is not meant by a 429 that says when to come back', async () => {
    const { provider, asked } = await refusing(429, { 'retry-after': '2' });
    expect(await told(provider.create(request))).toMatch(/^rateLimited: No more\. Try again after \d/);
    expect(asked).toHaveLength(1);
  });

  it('is not meant by a 429 to any other call', async () => {
    const { provider } = await refusing(429);
    expect(await told(provider.list())).toBe('rateLimited: No more. Try again later.');
    expect(await told(provider.pause('s'))).toBe('rateLimited: No more. Try again later.');
  });
});

describe('what would cost money or undo something twice', () => {
  it.each<[string, (provider: Leap0Provider) => Promise<unknown> | undefined]>([
    ['create', (provider) => provider.create(request)],
    ['start', (provider) => provider.start?.('s')],
    ['pause', (provider) => provider.pause('s')],
    ['stop', (provider) => provider.stop?.('s')],
    ['resume', (provider) => provider.resume('s')],
    ['a snapshot', (provider) => provider.snapshots.create('s', {})],
    ['a restored sandbox', (provider) => provider.snapshots.restore(restoring)],
    ['a command', (provider) => provider.exec.run('s', 'true')],
    ['a session', (provider) => provider.terminals.create('s', { cols: 80, rows: 24 })],
  ])('is sent once, even when the service asks to come back: %s', async (_, call) => {
    const { provider, asked } = await refusing(503, { 'retry-after': '0' });
    await expect(call(provider)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(asked).toHaveLength(1);
  });
});

describe('a call after which a sandbox has to boot, or to be written down', () => {
  /** A service that takes longer than any other call may. */
  async function slow() {
    const { port } = await servers.http((_, response) => {
      setTimeout(() => response.end('{"id": "s", "name": "n", "state": "running"}'), 500);
    });
    return providerAt(port, { callMs: 100, createMs: 30_000 });
  }

  it.each<[string, (provider: Leap0Provider) => Promise<unknown> | undefined]>([
    ['create', (provider) => provider.create(request)],
    ['pause', (provider) => provider.pause('s')],
    ['stop', (provider) => provider.stop?.('s')],
    ['start', (provider) => provider.start?.('s')],
    ['a snapshot', (provider) => provider.snapshots.create('s', {})],
    ['a restored sandbox', (provider) => provider.snapshots.restore(restoring)],
  ])('is waited for: %s', async (_, call) => {
    await expect(call(await slow())).resolves.toMatchObject({ id: 's' });
  });

  it('is not any other', async () => {
    await expect((await slow()).get('s')).rejects.toMatchObject({ kind: 'timeout' });
  });
});

describe('a sandbox that is resumed', () => {
  /** A service whose sandbox is in these states, one after the other; it stays in the last. */
  async function waking(...states: string[]) {
    return wakingWith({ exit_code: 0, stdout: '', stderr: '' }, ...states);
  }

  /** The same, with its answer to a command. */
  async function wakingWith(execution: object, ...states: string[]) {
    const asked: string[] = [];
    const { port } = await servers.http((incoming, response) => {
      asked.push(`${incoming.method} ${incoming.url}`);
      const state = states.length > 1 && incoming.method === 'GET' ? states.shift() : states[0];
      const answer = incoming.method === 'GET' ? { id: 's', state } : execution;
      response.end(JSON.stringify(answer));
    });
    return { provider: providerAt(port), asked };
  }

  it('is woken by one cheap request, and waited for until it runs', async () => {
    const { provider, asked } = await waking('paused', 'unpausing', 'running');
    expect(await provider.resume('s')).toMatchObject({ state: 'running' });
    const get = 'GET /v1/sandbox/s/';
    expect(asked).toEqual(['POST /v1/sandbox/s/process/execute', get, get, get]);
  });

  it.each([{ exit_code: 0, result: '' }, { exit_code: 0 }, {}])(
    'is woken whatever of the command the service tells: %j',
    async (execution) => {
      const { provider } = await wakingWith(execution, 'unpausing', 'running');
      expect(await provider.resume('s')).toMatchObject({ state: 'running' });
    },
  );

  it('is not waited for any longer when it goes another way', async () => {
    const { provider } = await waking('unpausing', 'stopped');
    expect(await provider.resume('s')).toMatchObject({ state: 'stopped' });
  });

  it('is given up in time, or when it is cancelled', async () => {
    const { provider } = await waking('unpausing');
    await expect(provider.resume('s', { timeoutMs: 700 })).rejects.toMatchObject({ kind: 'timeout' });
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 100);
    await expect(provider.resume('s', { signal: controller.signal })).rejects.toMatchObject({
      kind: 'cancelled',
    });
  });
});

describe('the output of a command', () => {
  it('is all in one where the service does not tell its two streams apart', async () => {
    const { port } = await servers.http((_, response) => response.end('{"exit_code": 3, "result": "out"}'));
    const { exitCode, stdout, stderr } = await providerAt(port).exec.run('s', 'true');
    expect([exitCode, String(stdout), String(stderr)]).toEqual([3, 'out', '']);
  });

  const looksCut = 'x\n[cut here: 0 more bytes]\n';

  it.each([{}, { stdout_cut: 0, stderr_cut: 0 }])('is all there where nothing was cut: %j', async (cut) => {
    const { port } = await servers.http((_, response) => {
      response.end(JSON.stringify({ exit_code: 0, stdout: looksCut, stderr: looksCut, ...cut }));
    });
    const { stdout, stderr } = await providerAt(port).exec.run('s', 'true');
    expect([String(stdout), String(stderr)]).toEqual([looksCut, looksCut]);
  });
});
