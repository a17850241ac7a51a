import { afterEach, describe, expect, it } from 'vitest';
import type { Leap0Cloud } from '../../../src/providers/leap0/cloud.ts';
import type { Revision } from '../../../src/providers/leap0/dialect.ts';
import { ProviderError } from '../../../src/sandboxes/errors.ts';
import type { CallOptions } from '../../../src/sandboxes/provider.ts';
import { TestServers } from '../net/testServers.ts';
import { accountAt, type Answering } from './leap0Account.ts';

const servers = new TestServers();
afterEach(() => servers.close());

type Make = (provider: Leap0Cloud, options?: CallOptions) => Promise<unknown>;
const request = { template: 't', vcpu: 1, memoryMib: 1024, timeoutMinutes: 5, autoPause: false };
const create: Make = (provider, options) => provider.create(request, options);
const restore: Make = ({ snapshots }, options) => snapshots.restore({ ...request, name: 'warm' }, options);

async function failureAt(answering: Answering, revision: Revision, make: Make, options?: CallOptions) {
  const account = await accountAt(servers, answering, revision);
  const thrown: unknown = await make(await account.open(), options).catch((error: unknown) => error);
  expect(account.asked).toHaveLength(1);
  return ProviderError.from(thrown);
}

describe.each<[Revision, RegExp]>([
  ['A', /may have been made all the same, .* add it by its ID, before you try again\.$/],
  ['B', /may have been made all the same: look for it before you try again\.$/],
])('of a sandbox at a service of revision %s', (revision, advice) => {
  it.each<[string, Answering, CallOptions?]>([
    ['there is no answer in time', () => undefined, { timeoutMs: 1_000 }],
    ['a gateway has lost the service', () => [502, '<html>Bad gateway</html>']],
    ['a gateway has waited in vain', () => [504, { message: 'Not in time' }]],
    ['the answer is not understood', () => [201, 'made']],
  ])('it is said that it was perhaps made when %s', async (_, answering, options) => {
    for (const make of [create, restore]) {
      const failure = await failureAt(answering, revision, make, options);
      expect(failure.advice).toMatch(advice);
    }
  });

  it.each([create, restore])(
    'it is said that it was perhaps made when the connection breaks',
    async (make) => {
      const connection = Promise.withResolvers<{ closeAllConnections(): void }>();
      const breaking: Answering = async () => {
        (await connection.promise).closeAllConnections();
        return undefined;
      };
      const account = await accountAt(servers, breaking, revision);
      connection.resolve(account.server);
      const advised = { kind: 'network', advice: expect.stringMatching(advice) };
      await expect(make(await account.open())).rejects.toMatchObject(advised);
      expect(account.asked).toHaveLength(1);
    },
  );

  it.each([400, 401, 500, 503])('nothing is said of that when the service answers %i', async (status) => {
    for (const make of [create, restore]) {
      const failure = await failureAt(() => [status, { message: 'No' }], revision, make);
      expect(failure.advice).toBeUndefined();
    }
  });

  it('nothing is said of that when the service cannot be reached', async () => {
    const account = await accountAt(servers, () => undefined, revision);
    const provider = await account.open({ baseUrl: `http://127.0.0.1:${await servers.deadPort()}` });
    const otherwise = { kind: 'network', advice: expect.not.stringContaining('made') };
    await expect(create(provider)).rejects.toMatchObject(otherwise);
  });
});

describe(
  'what becomes of a create that was cancelled at a service without a list',
  { timeout: 20_000 },
  () => {
    it.each<[string, number | undefined, RegExp]>([
      ['was not made', 503, /cancelled.*The service answered 503/],
      ['was perhaps made', undefined, /cancelled.*add it by its ID/],
    ])('is in the log when it %s', async (_, status, line) => {
      const answered = Promise.withResolvers<void>();
      const answering: Answering = async () => {
        await answered.promise;
        return status === undefined ? undefined : [status];
      };
      const account = await accountAt(servers, answering, 'A');
      const controller = new AbortController();
      const making = create(await account.open(), { signal: controller.signal, timeoutMs: 2_000 });
      await expect.poll(() => account.asked.length, { timeout: 2_000 }).toBe(1);
      controller.abort();
      await expect(making).rejects.toMatchObject({ kind: 'cancelled' });
      answered.resolve();
      await expect.poll(() => account.lines.join('\n'), { timeout: 10_000 }).toMatch(line);
    });
  },
);
