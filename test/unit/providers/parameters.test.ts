import type { IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Leap0Cloud } from '../../../src/providers/leap0/cloud.ts';
import type { Spelling } from '../../../src/providers/leap0/wire/spelling.ts';
import type { CreateRequest } from '../../../src/sandboxes/provider.ts';
import { TestServers } from '../net/testServers.ts';
import { accountAt, obliging } from './leap0Account.ts';

const servers = new TestServers();
afterEach(() => servers.close());

const create: CreateRequest = {
  template: 'system/debian:bookworm',
  vcpu: 2,
  memoryMib: 2048,
  timeoutMinutes: 30,
  autoPause: true,
};
const size = { cols: 120, rows: 40 };
const environment = {
  OTEL_EXPORTER_OTLP_ENDPOINT: 'https://otel.test',
  OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=abc123',
};

/** What a call sends. The parameter is one of the SDK's method, in its words. */
type Row = [
  method: string,
  parameter: string,
  call: (provider: Leap0Cloud) => Promise<unknown>,
  request: Record<Spelling, string>,
  body?: Record<Spelling, unknown>,
];

const both = <T>(value: T): Record<Spelling, T> => ({ A: value, B: value });
const posted = { A: 'POST /v1/sandbox', B: 'POST /v1/sandbox/' };
const creating = (parameter: string, more: Partial<CreateRequest>, a: unknown, b: unknown = a): Row => [
  'sandboxes.create',
  parameter,
  (provider) => provider.create({ ...create, ...more }),
  posted,
  { A: a, B: b },
];

const sandboxes: Row[] = [
  creating('template_name', {}, { template_name: 'system/debian:bookworm' }),
  creating('vcpu', {}, { vcpu: 2 }),
  creating('memory_mib', {}, { memory_mib: 2048 }, { memory: 2048 }),
  creating('timeout_min', {}, { timeout_min: 30 }, { timeout: 1800 }),
  creating('auto_pause', {}, { auto_pause: true }),
  creating('otel_export', { otelExport: true }, { env_vars: environment }),
  creating('telemetry', { telemetry: true }, { env_vars: environment }),
  creating('env_vars', { env: { NODE_ENV: 'test' } }, { env_vars: { NODE_ENV: 'test' } }),
  creating(
    'network_policy',
    {
      network: {
        mode: 'custom',
        allowDomains: ['pypi.org'],
        allowCidrs: ['10.0.0.0/24'],
        transforms: [{ domain: 'api.test.dev', injectHeaders: { 'X-Key': 'k' }, stripHeaders: ['X-Debug'] }],
      },
    },
    {
      network_policy: {
        mode: 'custom',
        allow_domains: ['pypi.org'],
        allow_cidrs: ['10.0.0.0/24'],
        transforms: [
          { domain: 'api.test.dev', inject_headers: { 'X-Key': 'k' }, strip_headers: ['X-Debug'] },
        ],
      },
    },
  ),
  creating('network_policy', { network: { mode: 'deny-all' } }, { network_policy: { mode: 'deny-all' } }),
  ['sandboxes.get', 'sandbox', (p) => p.get('sb/1'), both('GET /v1/sandbox/sb%2F1/')],
  ['sandboxes.delete', 'sandbox', (p) => p.delete('sb/1'), both('DELETE /v1/sandbox/sb%2F1/')],
  ['sandboxes.pause', 'sandbox', (p) => p.pause('sb/1'), both('POST /v1/sandbox/sb%2F1/pause')],
];

const creatingSession = (
  parameter: string,
  more: { id?: string; cwd?: string; env?: Record<string, string> },
  body: unknown,
): Row => [
  'pty.create',
  parameter,
  (provider) => provider.terminals.create('sb-1', { ...size, ...more }),
  both('POST /v1/sandbox/sb-1/pty'),
  both(body),
];

const session = '/v1/sandbox/sb-1/pty/my%20pty';
const pty: Row[] = [
  creatingSession('sandbox', {}, {}),
  creatingSession('session_id', { id: 'my pty' }, { id: 'my pty' }),
  creatingSession('cols', {}, { cols: 120 }),
  creatingSession('rows', {}, { rows: 40 }),
  creatingSession('cwd', { cwd: '/srv' }, { cwd: '/srv' }),
  creatingSession('envs', { env: { TERM: 'xterm' } }, { envs: { TERM: 'xterm' } }),
  creatingSession('lazy_start', {}, { lazy_start: true }),
  ['pty.list', 'sandbox', (p) => p.terminals.list('sb-1'), both('GET /v1/sandbox/sb-1/pty')],
  ['pty.delete', 'session_id', (p) => p.terminals.delete('sb-1', 'my pty'), both(`DELETE ${session}`)],
];

describe.each<Spelling>(['A', 'B'])('revision %s', (revision) => {
  it.each([...sandboxes, ...pty])('is sent, of %s, the %s', async (_, _parameter, call, request, body) => {
    const account = await accountAt(servers, obliging(revision), revision);
    await call(await account.open({ environment }));
    expect(account.asked).toHaveLength(1);
    expect(account.asked[0]).toMatchObject({
      call: request[revision],
      ...(body && { body: body[revision] }),
    });
  });

  it('is sent nothing of a create in the other spelling', async () => {
    const account = await accountAt(servers, obliging(revision), revision);
    await (await account.open()).create({ ...create, env: { A: '1' }, network: { mode: 'allow-all' } });
    const own = revision === 'A' ? ['memory_mib', 'timeout_min'] : ['memory', 'timeout'];
    const fields = ['auto_pause', 'env_vars', 'network_policy', 'template_name', 'vcpu', ...own];
    expect(Object.keys(account.asked[0]?.body ?? {}).toSorted()).toEqual(fields.toSorted());
  });

  it('is sent the key with every request', async () => {
    const account = await accountAt(servers, obliging(revision));
    const provider = await account.open();
    await provider.list();
    await provider.get('sb-1');
    expect(new Set(account.asked.map(({ authorization }) => authorization))).toEqual(
      new Set(['Bearer key-0123456789']),
    );
  });

  it('is asked for a session, and told its new size, by its ID', async () => {
    const account = await accountAt(servers, obliging(revision), revision);
    const upgrades: IncomingMessage[] = [];
    const sockets = new WebSocketServer({ server: account.server });
    const connected = new Promise<WebSocket>((resolve) =>
      sockets.on('connection', (socket, request) => {
        upgrades.push(request);
        resolve(socket);
      }),
    );
    const { terminals } = await account.open();
    const channel = await terminals.connect('sb-1', 'my pty');
    const ended = new Promise((resolve) => channel.onEnd(resolve));
    channel.resume();
    await channel.resize(200, 50);
    (await connected).close(1000);
    await ended;
    expect(upgrades[0]).toMatchObject({
      url: `${session}/connect`,
      headers: { authorization: 'Bearer key-0123456789' },
    });
    expect(account.asked).toMatchObject([
      { call: `POST ${session}/resize`, body: { cols: 200, rows: 50 } },
      { call: 'GET /v1/sandbox/sb-1/' },
      { call: `GET ${session}` },
    ]);
  });

  // `http_timeout` of the SDK.
  it.each<[string, (provider: Leap0Cloud, timeoutMs: number) => Promise<unknown>]>([
    ['sandboxes.create', (p, timeoutMs) => p.create(create, { timeoutMs })],
    ['sandboxes.get', (p, timeoutMs) => p.get('sb-1', { timeoutMs })],
    ['sandboxes.pause', (p, timeoutMs) => p.pause('sb-1', { timeoutMs })],
    ['sandboxes.delete', (p, timeoutMs) => p.delete('sb-1', { timeoutMs })],
    ['pty.list', (p, timeoutMs) => p.terminals.list('sb-1', { timeoutMs })],
    ['pty.create', (p, timeoutMs) => p.terminals.create('sb-1', size, { timeoutMs })],
    ['pty.delete', (p, timeoutMs) => p.terminals.delete('sb-1', 'x', { timeoutMs })],
    ['pty.connect', (p, timeoutMs) => p.terminals.connect('sb-1', 'x', { timeoutMs })],
  ])('is not waited for longer than asked for: %s', async (_, call) => {
    const account = await accountAt(servers, () => undefined, revision);
    await expect(call(await account.open(), 100)).rejects.toMatchObject({ kind: 'timeout' });
  });
});

describe('an address that needs no call', () => {
  const open = async (more = {}) => (await accountAt(servers, obliging('B'), 'B')).open(more);

  it.each<[string, (provider: Leap0Cloud) => string, string]>([
    ['sandbox', (p) => p.ports.invokeUrl('sb-1'), 'https://sb-1.sandbox.leap0.dev/'],
    ['path', (p) => p.ports.invokeUrl('sb-1', '/a?b=c#d'), 'https://sb-1.sandbox.leap0.dev/a?b=c#d'],
    ['path, without its slash', (p) => p.ports.invokeUrl('sb-1', 'a'), 'https://sb-1.sandbox.leap0.dev/a'],
    ['port', (p) => p.ports.invokeUrl('sb-1', '/', 8080), 'https://sb-1-8080.sandbox.leap0.dev/'],
    ['sandbox', (p) => p.ports.websocketUrl('sb-1'), 'wss://sb-1.sandbox.leap0.dev/'],
    ['path and port', (p) => p.ports.websocketUrl('sb-1', '/ws', 1), 'wss://sb-1-1.sandbox.leap0.dev/ws'],
  ])('has the %s in it', async (_, url, expected) => {
    expect(url(await open())).toBe(expected);
  });

  it('is below the sandbox domain of the account', async () => {
    const provider = await open({ sandboxDomain: 'box.example.org' });
    expect(provider.ports.invokeUrl('sb-1')).toBe('https://sb-1.box.example.org/');
  });

  it('of a session is at the service itself', async () => {
    const provider = await open({ baseUrl: 'https://api.example.org/' });
    expect(provider.terminals.websocketUrl?.('sb-1', 'a b')).toBe(
      'wss://api.example.org/v1/sandbox/sb-1/pty/a%20b/connect',
    );
  });

  it.each([
    ['evil.test/', '/', undefined],
    ['sb-1.evil', '/', undefined],
    ['sb-1@evil', '/', undefined],
    ['', '/', undefined],
    ['x'.repeat(60), '/', 8080],
    ['sb-1', '/', 0],
    ['sb-1', '/', 65_536],
    ['sb-1', '/', 1.5],
  ])('is refused rather than made of %j, %j and %j', async (id, path, port) => {
    const { ports } = await open();
    expect(() => ports.invokeUrl(id, path, port)).toThrow(expect.objectContaining({ kind: 'invalid' }));
  });

  it.each(['//evil.test/', '@evil.test/', '\\\\evil.test', ':80@evil.test', '/../..//evil.test'])(
    'stays at the sandbox, whatever path is asked for: %j',
    async (path) => {
      const { ports } = await open();
      expect(new URL(ports.invokeUrl('sb-1', path)).host).toBe('sb-1.sandbox.leap0.dev');
    },
  );
});
