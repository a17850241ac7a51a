import { afterEach, describe, expect, it } from 'vitest';
import type { Leap0Cloud } from '../../../src/providers/leap0/cloud.ts';
import type { Spelling } from '../../../src/providers/leap0/wire/spelling.ts';
import { TestServers } from '../net/testServers.ts';
import { accountAt, obliging, type Answering, type Asked } from './leap0Account.ts';

const servers = new TestServers();
afterEach(() => servers.close());

const request = { template: 't', vcpu: 1, memoryMib: 2048, timeoutMinutes: 30, autoPause: false };
const restoring = { name: 'warm', timeoutMinutes: 30, autoPause: false };
const spelled = {
  A: { memory_mib: 2048, timeout_min: 30 },
  B: { memory: 2048, timeout: 1800 },
};
const names = { A: ['memory_mib', 'timeout_min'], B: ['memory', 'timeout'] };
const other = { A: 'B', B: 'A' } as const;

type Refusing = (name: string) => unknown;
const inWords: Refusing = (name) => ({ message: `json: unknown field "${name}"` });
const inFields: Refusing = (name) => ({
  message: 'Validation failed',
  errors: [{ field: name, error: 'Extra inputs are not permitted' }],
});

/** What is made by a body: what the service does not know has no effect. */
function made(body: unknown, spelling: Spelling): object {
  const sent = Object.entries(Object(body)).filter(([name]) => names[spelling].includes(name));
  const usual = spelling === 'A' ? { memory_mib: 1024, timeout_min: 5 } : { memory: 1024, timeout: 300 };
  return { id: 'sb-1', state: 'running', ...usual, ...Object.fromEntries(sent) };
}

/**
 * A service that lists, and restores in A's words.
 * @param refusing How it refuses a field that it does not know; without it, it takes no notice of one.
 */
const between =
  (spelling: Spelling, refusing?: Refusing): Answering =>
  (asked) => {
    const answer = obliging('M')(asked);
    const makes = asked.call === 'POST /v1/sandbox' || asked.call === 'POST /v1/snapshot/resume';
    if (!makes || answer[0] >= 300) return answer;
    const unknown = Object.keys(Object(asked.body)).find((name) => names[other[spelling]].includes(name));
    if (unknown && refusing) return [400, refusing(unknown)];
    return [201, made(asked.body, spelling)];
  };

const bodiesOf = (asked: readonly Asked[], call: string) =>
  asked.filter((one) => one.call === call).map(({ body }) => body);

type Making = [string, string, (provider: Leap0Cloud) => Promise<unknown>, readonly string[]];
const making: Making[] = [
  ['created', 'POST /v1/sandbox', (p) => p.create(request), ['memory', 'timeout']],
  ['restored', 'POST /v1/snapshot/resume', (p) => p.snapshots.restore(restoring), ['timeout']],
];

describe.each<Spelling>(['A', 'B'])('a service that lists, and spells sizes as %s does', (spelling) => {
  const settled = spelling === 'A' ? 'M1' : 'M2';

  it.each<[string, Refusing | undefined, number]>([
    ['ignores', undefined, 1],
    ['refuses, by its name in a sentence,', inWords, 2],
    ['refuses, by its name in a list of fields,', inFields, 2],
  ])('and %s an unknown field makes one sandbox, as it was asked for', async (_, refusing, tries) => {
    const account = await accountAt(servers, between(spelling, refusing));
    const provider = await account.open();
    expect(await provider.create(request)).toMatchObject({ memoryMib: 2048, timeoutSeconds: 1800 });
    expect(account.revision.kept).toBe(settled);
    const sent = bodiesOf(account.asked, 'POST /v1/sandbox');
    expect(sent).toHaveLength(tries);
    expect(sent[0]).toMatchObject({ ...spelled.A, ...spelled.B });
    await provider.create(request);
    await (await account.open()).create(request);
    for (const body of bodiesOf(account.asked, 'POST /v1/sandbox').slice(1)) {
      expect(body).toMatchObject(spelled[spelling]);
      for (const name of names[other[spelling]]) expect(body).not.toHaveProperty(name);
    }
  });

  it.each(making)(
    'is asked in its own spelling for one that is %s once it was read',
    async (_, call, make) => {
      const account = await accountAt(servers, (asked) =>
        asked.call === 'GET /v1/sandbox/sb-1/' ? [200, made({}, spelling)] : between(spelling)(asked),
      );
      const provider = await account.open();
      await provider.get('sb-1');
      expect(account.revision.kept).toBe(settled);
      await make(provider);
      const [body] = bodiesOf(account.asked, call).filter((one) => Object.keys(Object(one)).length > 0);
      const asA = Object.keys(Object(body)).some((name) => names.A.includes(name));
      const asB = Object.keys(Object(body)).some((name) => names.B.includes(name));
      expect({ asA, asB }).toEqual({ asA: spelling === 'A', asB: spelling === 'B' });
    },
  );

  it('is asked in its own spelling although another one was kept', async () => {
    const account = await accountAt(
      servers,
      (asked) => (asked.call.startsWith('GET') ? [200, made({}, spelling)] : between(spelling)(asked)),
      spelling === 'A' ? 'B' : 'M1',
    );
    const provider = await account.open();
    await provider.get('sb-1');
    expect(account.revision.kept).toBe(settled);
    expect(await provider.create(request)).toMatchObject({ memoryMib: 2048 });
  });
});

describe('a sandbox at a service between the revisions', () => {
  it.each(making)('is %s once where the refusal is about a value', async (_, call, make, fields) => {
    for (const field of fields) {
      const account = await accountAt(servers, (asked) =>
        asked.call === call && Object.keys(Object(asked.body)).length > 0
          ? [400, { message: 'Invalid', errors: [{ field, error: 'is more than your plan allows' }] }]
          : obliging('M')(asked),
      );
      await expect(make(await account.open())).rejects.toMatchObject({ kind: 'invalid' });
      expect(account.calls()).toEqual([call]);
    }
  });

  it.each<[string, Answering]>([
    ['there was no answer', () => undefined],
    ['the service broke down', () => [503]],
    ['a gateway gave up', () => [504]],
  ])('is asked for once where %s', async (_, answering) => {
    const account = await accountAt(
      servers,
      (asked) => (asked.call.startsWith('POST') ? answering(asked) : obliging('M')(asked)),
      'M',
    );
    const provider = await account.open();
    await expect(provider.create(request, { timeoutMs: 300 })).rejects.toThrow();
    expect(account.calls()).toEqual(['POST /v1/sandbox']);
  });

  it.each([404, 405, 308])(
    'is made where M2 has it in the documents, if a route answers %i',
    async (status) => {
      const account = await accountAt(servers, (asked) => {
        if (asked.call === 'POST /v1/sandbox') return [status, { message: 'Not here' }];
        return asked.call === 'POST /v1/sandbox/' ? [201, made(asked.body, 'B')] : obliging('M')(asked);
      });
      const provider = await account.open();
      expect(await provider.create(request)).toMatchObject({ memoryMib: 2048, timeoutSeconds: 1800 });
      expect(account.revision.kept).toBe('M2');
    },
  );

  it('is refused in the words of the first route when there is neither', async () => {
    const account = await accountAt(servers, ({ call }) => [404, { message: `No ${call}` }], 'M');
    const provider = await account.open();
    await expect(provider.create(request)).rejects.toThrow('No POST /v1/sandbox');
    expect(account.calls()).toEqual(['POST /v1/sandbox', 'POST /v1/sandbox/']);
  });

  it.each(['M', 'M1', 'M2'] as const)(
    'makes room for its snapshot in the words of A: %s',
    async (revision) => {
      const account = await accountAt(servers, obliging('M'), revision);
      const { snapshots } = await account.open();
      await snapshots.create('sb-1', { name: 'warm' });
      await snapshots.create('sb-1', { name: 'warm', deleteSandbox: true });
      expect(account.asked).toMatchObject([
        { call: 'POST /v1/sandbox/sb-1/snapshot/create', body: { name: 'warm' } },
        { call: 'POST /v1/sandbox/sb-1/snapshot/pause', body: { name: 'warm' } },
      ]);
    },
  );
});

describe('an SSH access at a service between the revisions', () => {
  const access = { accessId: 'ssh-1', password: 'p4ssword' };
  const path = '/v1/sandbox/sb-1/ssh';
  const calls: [string, (provider: Leap0Cloud) => Promise<unknown>, string, string][] = [
    [
      'tried',
      ({ ssh }) => ssh.validate('sb-1', access),
      `POST ${path}/ssh-1/validate`,
      `POST ${path}/validate`,
    ],
    [
      'renewed',
      ({ ssh }) => ssh.regenerate('sb-1', 'ssh-1'),
      `POST ${path}/ssh-1/regen`,
      `POST ${path}/regen`,
    ],
    ['revoked', ({ ssh }) => ssh.revoke('sb-1', 'ssh-1'), `DELETE ${path}/ssh-1`, `DELETE ${path}/access`],
  ];

  it.each(calls)(
    'is %s by its ID, or by A’s words where those are all that it has',
    async (_, call, exact, any) => {
      const account = await accountAt(servers, obliging('M'), 'M2');
      await call(await account.open());
      expect(account.calls()).toEqual([exact]);

      const older = await accountAt(
        servers,
        (asked) => (asked.call.includes('/ssh-1') ? [404, { message: 'Not Found' }] : obliging('M')(asked)),
        'M2',
      );
      await call(await older.open());
      expect(older.calls()).toEqual([exact, any]);
    },
  );

  it.each(calls)('is %s in A’s words alone by M1', async (_, call, _exact, any) => {
    const account = await accountAt(servers, obliging('M1'), 'M1');
    await call(await account.open());
    expect(account.calls()).toEqual([any]);
  });
});
