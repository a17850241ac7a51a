import { afterEach, describe, expect, it } from 'vitest';
import type { Leap0Cloud } from '../../../src/providers/leap0/cloud.ts';
import type { Revision } from '../../../src/providers/leap0/dialect.ts';
import { ProviderError } from '../../../src/sandboxes/errors.ts';
import type { CallOptions } from '../../../src/sandboxes/provider.ts';
import { TestServers } from '../net/testServers.ts';
import { accountAt, obliging, type Answering } from './leap0Account.ts';

const servers = new TestServers();
afterEach(() => servers.close());

const request = { template: 't', vcpu: 1, memoryMib: 1024, timeoutMinutes: 5, autoPause: false };
const question = 'GET /v1/sandboxes?page-size=1';
const [restore, resume] = ['POST /v1/snapshot/restore', 'POST /v1/snapshot/resume'];
const missing: Answering = () => [404, '<html>Not found</html>'];
const refused: Answering = () => [401, { message: 'No such key' }];

describe('the revision of an account', () => {
  it.each<[Revision, string[]]>([
    ['A', [question]],
    ['M', [question, restore, resume]],
    ['B', [question, restore]],
  ])('is found out once, by what can change nothing, and kept: %s', async (revision, questions) => {
    const account = await accountAt(servers, obliging(revision));
    await (await account.open()).get('sb-1');
    await (await account.open()).get('sb-1');
    expect(account.revision.kept).toBe(revision);
    expect(account.asked.map(({ call }) => call)).toEqual([
      ...questions,
      'GET /v1/sandbox/sb-1/',
      'GET /v1/sandbox/sb-1/',
    ]);
    for (const { call, body } of account.asked) if (call.startsWith('POST')) expect(body).toEqual({});
  });

  it.each<[string, Answering, string]>([
    ['the key is refused', refused, 'unauthorized'],
    ['there were too many questions', () => [429, { message: 'Too many' }], 'rateLimited'],
    ['the service breaks down', () => [503, { message: 'Down' }], 'unavailable'],
  ])('is not guessed when it lists, and then %s', async (_, answering, kind) => {
    const account = await accountAt(servers, (asked) =>
      asked.call === question ? obliging('B')(asked) : answering(asked),
    );
    await expect(account.open()).rejects.toMatchObject({ kind });
    expect(account.revision.kept).toBeUndefined();
  });

  it.each<[string, Answering]>([
    ['may restore nothing', () => [403, { message: 'Forbidden' }]],
    ['knows neither route that restores', () => [404, { message: 'Not Found' }]],
  ])('is B where a key %s', async (_, answering) => {
    const account = await accountAt(servers, (asked) =>
      asked.call === question ? obliging('B')(asked) : answering(asked),
    );
    await account.open();
    expect(account.revision.kept).toBe('B');
  });

  it.each<[string, Answering, string]>([
    ['the key is refused', refused, 'unauthorized'],
    ['the service is down', () => [500], 'unavailable'],
    ['the service is something else', () => [200, { hello: 'world' }], 'protocol'],
    ['the service has moved', () => [301], 'protocol'],
    ['something on the way knows nothing', missing, 'notFound'],
  ])('is not guessed when %s', async (_, answering, kind) => {
    const account = await accountAt(servers, answering);
    await expect(account.open()).rejects.toMatchObject({ kind });
    expect(account.revision.kept).toBeUndefined();
  });

  it('is asked for again when the service has become another one', async () => {
    const old = await accountAt(servers, obliging('A'), 'B');
    await expect((await old.open()).list()).rejects.toMatchObject({ kind: 'notFound' });
    expect(old.revision.kept).toBeUndefined();
    const { adopt } = await old.open();
    expect(adopt).toBeDefined();

    const moved: Answering = (asked) => (asked.call === 'POST /v1/sandbox' ? [307] : obliging('B')(asked));
    const young = await accountAt(servers, moved, 'A');
    await expect((await young.open()).create(request)).rejects.toMatchObject({ kind: 'protocol' });
    expect((await young.open()).stop).toBeDefined();
    expect(young.revision.kept).toBe('B');

    const restoring = { name: 'warm', timeoutMinutes: 5, autoPause: false };
    for (const [kept, spoken] of [
      ['M2', 'B'],
      ['B', 'M'],
    ] as const) {
      const renewed = await accountAt(servers, obliging(spoken), kept);
      const restored = (await renewed.open()).snapshots.restore(restoring);
      await expect(restored).rejects.toMatchObject({ kind: 'notFound' });
      expect(await (await renewed.open()).snapshots.restore(restoring)).toMatchObject({ id: 'sb-1' });
      expect(renewed.revision.kept).toBe(spoken);
    }
  });

  it('decides what the account can do', async () => {
    const open = async (revision: Revision) => (await accountAt(servers, obliging(revision))).open();
    const [a, m, b] = [await open('A'), await open('M'), await open('B')];
    const abilities = (provider: typeof a) => ({
      stop: provider.stop !== undefined,
      start: provider.start !== undefined,
      adopt: provider.adopt !== undefined,
      snapshotList: provider.snapshots.list !== undefined,
      presigned: provider.ports.presigned !== undefined,
    });
    expect(abilities(a)).toEqual({
      stop: false,
      start: false,
      adopt: true,
      snapshotList: false,
      presigned: false,
    });
    expect(abilities(m)).toEqual({
      stop: false,
      start: false,
      adopt: false,
      snapshotList: true,
      presigned: true,
    });
    expect(abilities(b)).toEqual({
      stop: true,
      start: true,
      adopt: false,
      snapshotList: true,
      presigned: true,
    });
  });
});

describe('the list of an account whose service has none', () => {
  it('is what was made and restored here, and what the user has added, each read anew', async () => {
    let made = 0;
    const account = await accountAt(servers, (asked) => {
      if (!asked.call.startsWith('POST')) return obliging('A')(asked);
      return [201, { id: `new-${++made}`, state: 'starting' }];
    });
    const provider = await account.open();
    expect(await provider.list()).toEqual([]);
    await provider.create(request);
    await provider.snapshots.restore({ name: 'warm', timeoutMinutes: 5, autoPause: false });
    await provider.adopt?.('sb-1');
    await provider.adopt?.('sb-1');
    expect(account.ids).toEqual(['new-1', 'new-2', 'sb-1']);
    account.asked.length = 0;
    expect(await provider.list()).toHaveLength(3);
    expect(account.calls().toSorted()).toEqual([
      'GET /v1/sandbox/new-1/',
      'GET /v1/sandbox/new-2/',
      'GET /v1/sandbox/sb-1/',
    ]);
  });

  it('is read a few at a time, and no further once one cannot be read', async () => {
    let isBroken = false;
    let reading = 0;
    let most = 0;
    const account = await accountAt(
      servers,
      async (asked) => {
        most = Math.max(most, ++reading);
        await new Promise((resolve) => setTimeout(resolve, 10));
        reading--;
        return isBroken ? [500] : [200, { id: asked.call.split('/')[3], state: 'running' }];
      },
      'A',
    );
    account.ids.push(...Array.from({ length: 30 }, (_, index) => `sb-${index}`));
    const provider = await account.open();
    const found = await provider.list();
    expect(new Set(found.map(({ id }) => id))).toEqual(new Set(account.ids));
    expect(most).toBeLessThanOrEqual(4);
    isBroken = true;
    account.asked.length = 0;
    await expect(provider.list()).rejects.toMatchObject({ kind: 'unavailable' });
    expect(account.asked.length).toBeLessThanOrEqual(4);
  });

  it.each<[string, (provider: Leap0Cloud, options: CallOptions) => Promise<unknown>]>([
    ['made', (provider, options) => provider.create(request, options)],
    ['restored', ({ snapshots }, options) => snapshots.restore({ ...request, name: 'warm' }, options)],
  ])('has what was %s in it although that was cancelled: nobody could find it', async (_, make) => {
    const answered = Promise.withResolvers<void>();
    const account = await accountAt(
      servers,
      async (asked) => {
        await answered.promise;
        return obliging('A')(asked);
      },
      'A',
    );
    const provider = await account.open();
    const controller = new AbortController();
    const making = make(provider, { signal: controller.signal });
    await expect.poll(() => account.asked.length).toBe(1);
    controller.abort();
    await expect(making).rejects.toMatchObject({ kind: 'cancelled' });
    answered.resolve();
    await expect.poll(() => account.ids).toEqual(['sb-1']);
    await expect(make(provider, { signal: controller.signal })).rejects.toMatchObject({ kind: 'cancelled' });
    expect(account.asked).toHaveLength(1);
  });

  it('forgets what was deleted here without a word, and what is gone with one', async () => {
    const account = await accountAt(servers, (asked) =>
      /gone|deleted/.test(asked.call) && asked.call.startsWith('GET')
        ? [asked.call.includes('gone') ? 404 : 200, { id: 'x', state: 'deleted', message: 'No such sandbox' }]
        : obliging('A')(asked),
    );
    account.ids.push('sb-1', 'gone-1', 'deleted-1', 'sb-2');
    const provider = await account.open();
    expect(await provider.list()).toHaveLength(2);
    expect(account.ids).toEqual(['sb-1', 'sb-2']);
    expect(account.gone).toEqual(['gone-1', 'deleted-1']);
    await provider.delete('sb-2');
    expect(account.ids).toEqual(['sb-1']);
    await provider.snapshots.create('sb-1', {});
    expect(account.ids).toEqual(['sb-1']);
    await provider.snapshots.create('sb-1', { deleteSandbox: true });
    expect(account.ids).toEqual([]);
    expect(account.gone).toHaveLength(2);
  });

  it('forgets without a word what was gone already when it was to be deleted', async () => {
    const account = await accountAt(servers, () => [404, { message: 'No such sandbox' }], 'A');
    account.ids.push('sb-1');
    await expect((await account.open()).delete('sb-1')).rejects.toMatchObject({ kind: 'notFound' });
    expect([account.ids, account.gone]).toEqual([[], []]);
  });

  it.each<[string, Answering]>([
    ['the key is refused', refused],
    ['the service is down', () => [503]],
    ['something on the way knows nothing', missing],
  ])('forgets nothing when %s', async (_, answering) => {
    const account = await accountAt(servers, answering, 'A');
    account.ids.push('sb-1', 'sb-2');
    await expect((await account.open()).list({ timeoutMs: 300 })).rejects.toBeInstanceOf(ProviderError);
    expect(account.ids).toEqual(['sb-1', 'sb-2']);
    expect(account.gone).toEqual([]);
  });

  it('takes in nothing that there is not', async () => {
    const account = await accountAt(servers, () => [404, { message: 'No such sandbox' }], 'A');
    await expect((await account.open()).adopt?.('sb-9')).rejects.toMatchObject({ kind: 'notFound' });
    expect(account.ids).toEqual([]);
  });

  it('does not lose a new sandbox when its ID cannot be kept', async () => {
    const account = await accountAt(servers, obliging('A'), 'A');
    const full = { all: async () => [], add: () => Promise.reject(new Error('The disk is full')) };
    const provider = await account.open({
      knownIds: { ...full, remove: async () => {}, gone: async () => {} },
    });
    await expect(provider.create(request)).resolves.toMatchObject({ id: 'sb-1' });
    expect(account.lines.join('\n')).toContain('sb-1 could not be kept');
  });
});
