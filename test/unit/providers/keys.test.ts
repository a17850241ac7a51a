import type { IncomingHttpHeaders } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import type { Revision } from '../../../src/providers/leap0/dialect.ts';
import { explain, ProviderError } from '../../../src/sandboxes/errors.ts';
import { TestServers } from '../net/testServers.ts';
import { accountAt, obliging, theKey, type Answering } from './leap0Account.ts';

const servers = new TestServers();
afterEach(() => servers.close());

const request = { template: 't', vcpu: 1, memoryMib: 1024, timeoutMinutes: 5, autoPause: false };
const question = 'GET /v1/sandboxes?page-size=1';
const missing: Answering = () => [404, '<html>Not found</html>'];
const refused: Answering = () => [401, { message: 'No such key' }];

describe('the check of a key', () => {
  it.each<[Revision, string]>([
    ['A', 'GET /v1/sandbox/none/'],
    ['M', question],
    ['B', question],
  ])('is one call to a service of revision %s', async (revision, call) => {
    const account = await accountAt(servers, obliging(revision), revision);
    await (await account.open()).checkKey();
    expect(account.asked.map((asked) => asked.call)).toEqual([call]);
  });

  it.each<[Revision, string, Answering, string]>([
    ['A', 'the key is refused', refused, 'unauthorized'],
    ['B', 'the key is refused', refused, 'unauthorized'],
    ['A', 'the key may not do it', () => [403], 'forbidden'],
    ['A', 'something else answers', missing, 'notFound'],
    ['B', 'something else answers', missing, 'notFound'],
    ['B', 'the service is down', () => [500], 'unavailable'],
  ])('fails at a service of revision %s when %s', async (revision, _, answering, kind) => {
    const account = await accountAt(servers, answering, revision);
    await expect((await account.open()).checkKey({ timeoutMs: 300 })).rejects.toMatchObject({ kind });
  });

  it('does not take any web server for Leap0', async () => {
    const account = await accountAt(servers, missing, 'A');
    const provider = await account.open();
    await expect(provider.checkKey()).rejects.toMatchObject({ kind: 'notFound' });
    expect(account.revision.kept).toBeUndefined();
  });
});

describe('a key', () => {
  it('is asked for anew by every call, since it may have been replaced', async () => {
    const account = await accountAt(servers, obliging('B'), 'B');
    let key = 'first-key-1';
    const provider = await account.open({ key: async () => key });
    await provider.get('sb-1');
    key = 'second-key-2';
    await provider.get('sb-1');
    expect(account.asked.map(({ authorization }) => authorization)).toEqual([
      'Bearer first-key-1',
      'Bearer second-key-2',
    ]);
  });

  it.each([undefined, '', '  ', 'two words', 'line\nbreak', 'schlüssel'])(
    'is not sent when it cannot be one: %j',
    async (key) => {
      const account = await accountAt(servers, obliging('B'), 'B');
      const provider = await account.open({ key: async () => key });
      const error: unknown = await provider.get('sb-1').catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ kind: 'unauthorized' });
      if (key?.trim()) expect(explain(ProviderError.from(error))).not.toContain(key);
      expect(account.asked).toEqual([]);
    },
  );

  it('is never written down, not even when the service repeats it', async () => {
    const account = await accountAt(servers, () => [401, { message: `Wrong key ${theKey}` }], 'B');
    const provider = await account.open();
    const error = ProviderError.from(await provider.get('sb-1').catch((thrown: unknown) => thrown));
    expect(account.lines.join('\n')).not.toContain(theKey);
    expect(account.redactor.clean(explain(error))).toBe('Wrong key •••.');
  });
});

describe('the header of a key', () => {
  it.each<[string | undefined, boolean | undefined, string, string]>([
    [undefined, undefined, 'authorization', `Bearer ${theKey}`],
    [undefined, true, 'authorization', `Bearer ${theKey}`],
    [undefined, false, 'authorization', theKey],
    ['', false, 'authorization', theKey],
    ['Authorization', undefined, 'authorization', `Bearer ${theKey}`],
    ['leap0-authorization', undefined, 'leap0-authorization', `Bearer ${theKey}`],
    ['Leap0-Authorization', false, 'leap0-authorization', theKey],
    [' X-API-Key ', false, 'x-api-key', theKey],
  ])('may be another one: %j, with Bearer: %j', async (authHeader, bearer, name, value) => {
    const account = await accountAt(servers, obliging('B'));
    const upgraded = new Promise<IncomingHttpHeaders>((resolve) => {
      const sockets = new WebSocketServer({ server: account.server });
      sockets.on('connection', (_, { headers }) => resolve(headers));
    });
    const provider = await account.open({ authHeader, bearer });
    await provider.checkKey();
    await provider.list();
    await provider.create(request);
    await provider.exec.run('sb-1', 'true');
    await provider.ssh.regenerate('sb-1', 'ssh-1');
    await provider.ports.presigned?.create('sb-1', { port: 80 });
    (await provider.terminals.connect('sb-1', 'pty-1')).close();
    expect(account.calls().length).toBeGreaterThan(4);
    for (const headers of [...account.asked.map((asked) => asked.headers), await upgraded]) {
      expect(headers[name]).toBe(value);
      if (name !== 'authorization') expect(headers).not.toHaveProperty('authorization');
    }
    expect(account.lines.join('\n')).not.toContain(theKey);
  });

  it.each([
    'two words',
    'name:',
    'ü',
    'x\r\ny: z',
    'Host',
    'content-length',
    'Proxy-Authorization',
    'Sec-WebSocket-Key',
  ])('is refused by its name before anything is sent: %j', async (authHeader) => {
    const account = await accountAt(servers, obliging('B'));
    const opening = account.open({ authHeader });
    await expect(opening).rejects.toMatchObject({ kind: 'invalid', fields: [{ field: 'authHeader' }] });
    expect(account.asked).toEqual([]);
  });
});

describe('an address', () => {
  it.each([
    { baseUrl: 'http://api.leap0.dev' },
    { baseUrl: 'https://user:password@api.leap0.dev' },
    { baseUrl: 'https://api.leap0.dev/v2' },
    { baseUrl: 'api.leap0.dev' },
    { sandboxDomain: 'https://sandbox.leap0.dev' },
    { sandboxDomain: 'sandbox.leap0.dev/x' },
  ])('is refused before anything is sent: %j', async (wrong) => {
    const account = await accountAt(servers, obliging('B'));
    const [field] = Object.keys(wrong);
    await expect(account.open(wrong)).rejects.toMatchObject({ kind: 'invalid', fields: [{ field }] });
    expect(account.asked).toEqual([]);
  });
});
