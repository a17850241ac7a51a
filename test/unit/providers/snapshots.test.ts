import { afterEach, describe, expect, it } from 'vitest';
import { plain } from '../../../src/common/text.ts';
import type { Leap0Cloud } from '../../../src/providers/leap0/cloud.ts';
import type { Revision } from '../../../src/providers/leap0/dialect.ts';
import { explain, ProviderError } from '../../../src/sandboxes/errors.ts';
import { TestServers } from '../net/testServers.ts';
import { accountAt, obliging, type Answering } from './leap0Account.ts';

const servers = new TestServers();
afterEach(() => servers.close());

const restoring = { name: 'warm', timeoutMinutes: 30, autoPause: true };
const policy = {
  mode: 'custom',
  transforms: [{ domain: 'api.test.dev', injectHeaders: { Authorization: 'Bearer sk-0123456789' } }],
} as const;

const told = (call: Promise<unknown>) =>
  call.then(
    () => 'done',
    (error: unknown) => explain(ProviderError.from(error)),
  );

describe('a snapshot', () => {
  it.each<[Revision, string, unknown]>([
    ['A', 'POST /v1/sandbox/sb-1/snapshot/create', { name: 'warm' }],
    ['B', 'POST /v1/sandbox/sb-1/snapshot/create', { name: 'warm', kill_sandbox_after: false }],
  ])('is made in the words of revision %s', async (revision, call, body) => {
    const account = await accountAt(servers, obliging(revision), revision);
    const { snapshots } = await account.open();
    expect(await snapshots.create('sb-1', { name: 'warm' })).toMatchObject({ id: 'sn-1', name: 'warm' });
    expect(account.asked).toMatchObject([{ call, body }]);
  });

  it.each<[Revision, string, unknown]>([
    ['A', 'POST /v1/sandbox/sb-1/snapshot/pause', {}],
    ['B', 'POST /v1/sandbox/sb-1/snapshot/create', { kill_sandbox_after: true }],
  ])('may take the place of its sandbox, in the words of revision %s', async (revision, call, body) => {
    const account = await accountAt(servers, obliging(revision), revision);
    await (await account.open()).snapshots.create('sb-1', { deleteSandbox: true });
    expect(account.asked).toMatchObject([{ call, body }]);
  });

  it.each<[Revision, string, unknown]>([
    ['A', 'POST /v1/snapshot/resume', { snapshot_name: 'warm', timeout_min: 30, auto_pause: true }],
    ['B', 'POST /v1/snapshot/restore', { snapshot_name: 'warm', timeout: 1800, auto_pause: true }],
  ])('is restored in the words of revision %s', async (revision, call, body) => {
    const account = await accountAt(servers, obliging(revision), revision);
    const { snapshots } = await account.open();
    expect(await snapshots.restore(restoring)).toMatchObject({ id: 'sb-1', state: 'running' });
    await snapshots.restore({ ...restoring, network: { mode: 'deny-all' } });
    expect(account.asked).toMatchObject([
      { call, body },
      { call, body: { ...(body as object), network_policy: { mode: 'deny-all' } } },
    ]);
    expect(account.asked[0]?.body).not.toHaveProperty('network_policy');
  });

  it.each<Revision>(['A', 'B'])('is deleted by its ID in revision %s', async (revision) => {
    const account = await accountAt(servers, obliging(revision), revision);
    await (await account.open()).snapshots.delete('sn/1');
    expect(account.calls()).toEqual(['DELETE /v1/snapshot/sn%2F1']);
  });

  it('is told with all that the service says, in the spelling of either revision', async () => {
    const answers = [
      { memory: 1024, disk: 10_240, template_id: 'tpl', created_at: '2026-02-08T12:34:56Z' },
      { memory_mib: 1024, disk_mib: 10_240, template_id: 'tpl', created_at: '2026-02-08T12:34:56Z' },
    ];
    const account = await accountAt(
      servers,
      () => [201, { id: 'sn-1', name: 'n', vcpu: 2, network_policy: policy, ...answers.shift() }],
      'B',
    );
    const { snapshots } = await account.open();
    const expected = {
      id: 'sn-1',
      name: 'n',
      vcpu: 2,
      memoryMib: 1024,
      diskMib: 10_240,
      template: undefined,
      templateId: 'tpl',
      network: 'custom',
      createdAt: Date.UTC(2026, 1, 8, 12, 34, 56),
    };
    expect(await snapshots.create('sb-1', {})).toEqual(expected);
    expect(await snapshots.create('sb-1', {})).toEqual(expected);
  });

  it('is looked for on no more pages than there are', async () => {
    const items = Array.from({ length: 100 }, (_, index) => ({ id: `sn-${index}`, name: `n${index}` }));
    const account = await accountAt(servers, () => [200, { items, total_items: 100 }], 'B');
    expect(await (await account.open()).snapshots.list?.()).toHaveLength(100);
    expect(account.calls()).toHaveLength(1);
  });

  it('is found on whatever page of the list it stands, and told once', async () => {
    const item = (number: number) => ({ id: `sn-${number}`, name: `n${number}` });
    const pages = [
      Array.from({ length: 100 }, (_, index) => item(index)),
      [item(99), ...Array.from({ length: 50 }, (_, index) => item(100 + index))],
    ];
    const account = await accountAt(
      servers,
      ({ call }) => [200, { items: pages[Number(/[?&]page=(\d+)/.exec(call)?.[1]) - 1], total_items: 151 }],
      'B',
    );
    const { snapshots } = await account.open();
    expect(await snapshots.list?.()).toHaveLength(150);
    expect(account.calls()).toEqual([
      'GET /v1/snapshots?page=1&page-size=100',
      'GET /v1/snapshots?page=2&page-size=100',
    ]);
  });

  it('says what to do about a conflict', async () => {
    const conflict: Answering = () => [409, { message: 'Conflict' }];
    const { snapshots } = await (await accountAt(servers, conflict, 'B')).open();
    expect(await told(snapshots.create('sb-1', { name: 'warm' }))).toBe(
      "Conflict. Only a sandbox that runs can be snapshotted, and a snapshot's name is taken only once: wait until " +
        'the sandbox runs, or choose another name.',
    );
    expect(await told(snapshots.delete('sn-1'))).toBe(
      'Conflict. A sandbox that was made of it still needs it: delete that sandbox first.',
    );
    await expect(snapshots.delete('sn-1')).rejects.toMatchObject({ kind: 'conflict' });
  });

  it('says so when the limit of sandboxes keeps it from being restored', async () => {
    const { snapshots } = await (await accountAt(servers, () => [429, { message: 'No more' }], 'B')).open();
    expect(await told(snapshots.restore(restoring))).toBe(
      "No more. The account's limit of sandboxes is reached: delete one that is paused or stopped, then try again.",
    );
  });
});

describe('a presigned URL', () => {
  const answer = {
    id: 'url-1',
    token: 'token-0123456789',
    url: 'https://token-0123456789.leap0.app',
    sandbox_id: 'sb-1',
    port: 8080,
    expires_at: '2026-02-08T12:34:56Z',
    created_at: '2026-02-08T11:34:56Z',
  };

  it('is made for a port and a time, deleted by its ID, and hidden from the log', async () => {
    const account = await accountAt(
      servers,
      ({ call }) => (call.startsWith('POST') ? [201, answer] : [204]),
      'B',
    );
    const { ports } = await account.open();
    expect(await ports.presigned?.create('sb-1', { port: 8080, expiresInSeconds: 900 })).toEqual({
      id: 'url-1',
      token: 'token-0123456789',
      url: 'https://token-0123456789.leap0.app',
      port: 8080,
      expiresAt: Date.UTC(2026, 1, 8, 12, 34, 56),
    });
    await ports.presigned?.create('sb-1', { port: 80 });
    await ports.presigned?.delete('sb-1', 'url/1');
    expect(account.asked).toMatchObject([
      { call: 'POST /v1/sandbox/sb-1/presigned-url', body: { port: 8080, expires_in: 900 } },
      { call: 'POST /v1/sandbox/sb-1/presigned-url', body: { port: 80 } },
      { call: 'DELETE /v1/sandbox/sb-1/presigned-url/url%2F1' },
    ]);
    expect(account.redactor.clean(`${answer.url} ${answer.token}`)).not.toContain(answer.token);
  });

  it('has the port and the time that were asked for, where the service tells neither', async () => {
    const bare = { id: 'url-1', url: answer.url };
    const { ports } = await (await accountAt(servers, () => [201, bare], 'B')).open();
    const before = Date.now();
    for (const [expiresInSeconds, seconds] of [
      [900, 900],
      [undefined, 3600],
    ] as const) {
      const made = await ports.presigned?.create('sb-1', { port: 8080, expiresInSeconds });
      expect(made).toMatchObject({ id: 'url-1', url: answer.url, port: 8080 });
      expect(made?.expiresAt).toBeGreaterThanOrEqual(before + seconds * 1000);
      expect(made?.expiresAt).toBeLessThanOrEqual(Date.now() + seconds * 1000);
    }
  });

  it.each(['http://t.leap0.app', 'javascript:alert(1)', 'file:///etc/passwd', 'vscode://x/y', 'nothing'])(
    'is a web page or an error: %s',
    async (url) => {
      const { ports } = await (await accountAt(servers, () => [201, { ...answer, url }], 'B')).open();
      await expect(ports.presigned?.create('sb-1', { port: 80 })).rejects.toMatchObject({
        kind: 'protocol',
        fields: [{ field: 'url' }],
      });
    },
  );

  it.each([0, 65_536, 1.5, Number.NaN])('is not asked for where there is no port: %s', async (port) => {
    const account = await accountAt(servers, () => [201, answer], 'B');
    const { ports } = await account.open();
    await expect(ports.presigned?.create('sb-1', { port })).rejects.toMatchObject({ kind: 'invalid' });
    expect(account.asked).toEqual([]);
  });
});

describe('what a request holds in secret', () => {
  const create = { template: 't', vcpu: 1, memoryMib: 1024, timeoutMinutes: 5, autoPause: false };
  const environment = {
    OTEL_EXPORTER_OTLP_ENDPOINT: ' https://otel.test ',
    OTEL_EXPORTER_OTLP_HEADERS: ' authorization=Basic%20dXNlcjpwYXNz,x-api-key=abcdef-123456 ',
  };

  it('is hidden before it is sent: the headers of a network policy', async () => {
    const account = await accountAt(servers, () => [400, { message: 'Wrong value sk-0123456789' }], 'B');
    const provider = await account.open();
    await told(provider.create({ ...create, network: policy }));
    expect(account.redactor.clean('Wrong value sk-0123456789')).toBe('Wrong value •••');
    const other = await accountAt(servers, () => [400], 'B');
    await told((await other.open()).snapshots.restore({ ...restoring, network: policy }));
    expect(other.redactor.clean('sk-0123456789')).toBe('•••');
  });

  it('is hidden before it is sent: the headers of an exporter, wherever they come from', async () => {
    const account = await accountAt(servers, obliging('B'), 'B');
    const provider = await account.open({ environment });
    await provider.create({ ...create, otelExport: true });
    await provider.create({ ...create, env: { OTEL_EXPORTER_OTLP_HEADERS: 'x=of-the-user-1' } });
    for (const secret of ['dXNlcjpwYXNz', 'abcdef-123456', 'of-the-user-1']) {
      expect(account.redactor.clean(secret)).toBe('•••');
    }
  });

  it.each<[string, (provider: Leap0Cloud, env: Record<string, string>) => Promise<unknown>]>([
    ['sandbox', (provider, env) => provider.create({ ...create, env })],
    ['session', ({ terminals }, env) => terminals.create('sb-1', { cols: 80, rows: 24, env })],
    ['command', ({ exec }, env) => exec.run('sb-1', 'true', { env })],
  ])('is hidden before it is sent: the values of the variables of a %s', async (_, call) => {
    const refusal = { message: 'Wrong', errors: [{ field: 'env', error: 'tok-0123456789 is too short' }] };
    const account = await accountAt(servers, () => [400, refusal], 'B');
    const env = { TOKEN: 'tok-0123456789', KEY: '-----BEGIN KEY-----\r\nbGluZSBvbmU\nbGluZSB0d28' };
    const failure = await told(call(await account.open(), env));
    expect(account.redactor.clean(failure)).toBe('Wrong. env: ••• is too short.');
    // As it stands, and as it looks when it is written on one line.
    for (const text of [env.KEY, plain(env.KEY)]) expect(account.redactor.clean(text)).not.toContain('bGl');
  });

  it("gives way to the user's own variables, and is sent only when asked for", async () => {
    const account = await accountAt(servers, obliging('B'), 'B');
    const provider = await account.open({ environment });
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://mine.test' };
    await provider.create({ ...create, env, otelExport: true });
    await provider.create({ ...create, env: { A: '1' }, otelExport: false, telemetry: true });
    expect(account.asked.map(({ body }) => (body as { env_vars: unknown }).env_vars)).toEqual([
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: 'https://mine.test',
        OTEL_EXPORTER_OTLP_HEADERS: environment.OTEL_EXPORTER_OTLP_HEADERS.trim(),
      },
      { A: '1' },
    ]);
  });

  it.each([{}, { OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }])(
    'is missed before anything is sent: an exporter without an endpoint',
    async (without) => {
      const account = await accountAt(servers, obliging('B'), 'B');
      const provider = await account.open({ environment: without });
      await expect(provider.create({ ...create, otelExport: true })).rejects.toMatchObject({
        kind: 'invalid',
        fields: [{ field: 'otelExport', error: expect.stringContaining('OTEL_EXPORTER_OTLP_ENDPOINT') }],
      });
      expect(account.asked).toEqual([]);
    },
  );
});
