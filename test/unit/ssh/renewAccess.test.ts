import { describe, expect, it } from 'vitest';
import { ProviderError, type ErrorKind } from '../../../src/sandboxes/errors.ts';
import type { SshAccess, SshAccessApi } from '../../../src/sandboxes/provider.ts';
import type { HostRecord, KeptAccess } from '../../../src/ssh/hostRecord.ts';
import { renewAccess } from '../../../src/ssh/renewal/renewAccess.ts';

const fresh: SshAccess = {
  accessId: 'a',
  user: 'u',
  password: 'fresh',
  host: 'h',
  port: 22,
  expiresAt: undefined,
  command: '',
};
const record = { account: { id: 'x', name: 'X' }, sandbox: { id: 's', name: 'box' } };
const kept = { accessId: 'a', user: 'u', password: 'kept', host: 'h', port: 22, command: 'ssh u@h' };
const shared = { ...kept, password: 'shared' };

interface Answers {
  create?: SshAccess | Error;
  /** The passwords that are good are listed here, where one is. */
  validate?: boolean | readonly string[] | Error;
  regenerate?: SshAccess | Error;
}

/** A service that answers as scripted, and what it was asked; other hosts of the sandbox have accesses of theirs. */
function service(
  answers: Answers,
  {
    others = [],
    isAnySet = true,
    ...known
  }: Pick<SshAccessApi, 'expiredMakesRoom'> & { others?: KeptAccess[]; isAnySet?: boolean } = {},
) {
  const asked: string[] = [];
  const answer =
    <Name extends keyof Answers>(name: Name) =>
    async () => {
      asked.push(name);
      const value = answers[name];
      if (value === undefined) throw new Error(`nobody expects ${name}`);
      if (value instanceof Error) throw value;
      return value as Exclude<Answers[Name], Error | undefined>;
    };
  const book = { claim: async () => void asked.push('claim'), others: () => others };
  const renew = (host: HostRecord) => renewAccess(api, host, book);
  const validate = answer('validate');
  const never = () => Promise.reject(new Error('never'));
  const api: SshAccessApi = {
    ...known,
    create: answer('create'),
    validate: async (_, { password }) => {
      const good = await validate();
      return typeof good === 'boolean' ? good : good.includes(password);
    },
    regenerate: answer('regenerate'),
    revoke: never,
    ...(isAnySet && { anySet: { regenerate: never, revoke: never } }),
  };
  return { renew, asked };
}
const refusal = (kind: ErrorKind) =>
  new ProviderError(kind, `It is a ${kind}.`, { advice: 'Revoke it there.' });

describe('credentials', () => {
  it('are made where there are none', async () => {
    const { renew, asked } = service({ create: fresh });
    expect(await renew(record)).toBe(fresh);
    expect(asked).toEqual(['create']);
  });

  it('that still are ours are replaced', async () => {
    const { renew, asked } = service({ validate: true, regenerate: fresh });
    expect(await renew({ ...record, access: kept })).toBe(fresh);
    expect(asked).toEqual(['validate', 'claim', 'regenerate']);
  });

  const expired = { ...record, access: { ...kept, expiresAt: Date.now() - 1 } };

  it('that have expired are made anew, and nothing is replaced', async () => {
    const { renew, asked } = service({ create: fresh });
    expect(await renew(expired)).toBe(fresh);
    expect(asked).toEqual(['create']);
  });

  it('that have expired, and that somebody else has replaced since, are left to them where that can be told', async () => {
    const { renew, asked } = service({ create: refusal('conflict') }, { expiredMakesRoom: true });
    await expect(renew(expired)).rejects.toMatchObject({ kind: 'conflict' });
    expect(asked).toEqual(['create']);
  });

  it('that have expired are replaced where they may still be in the way', async () => {
    const { renew, asked } = service({ create: refusal('conflict'), regenerate: fresh });
    expect(await renew(expired)).toBe(fresh);
    expect(asked).toEqual(['create', 'regenerate']);
  });

  it('that have expired are no reason to replace those which have another ID', async () => {
    const { renew } = service({ create: refusal('conflict'), regenerate: refusal('notFound') });
    await expect(renew(expired)).rejects.toMatchObject({
      kind: 'conflict',
      advice: expect.stringContaining('made elsewhere'),
    });
  });

  it.each([
    ['missing', record],
    ['expired', expired],
    ['replaced', { ...record, access: kept }],
  ])('that are %s are shared with another host of the sandbox that has the good ones', async (_, known) => {
    const others = [{ ...kept, password: 'no good either' }, shared];
    const { renew, asked } = service({ validate: ['shared'], create: refusal('conflict') }, { others });
    expect(await renew(known)).toMatchObject(shared);
    expect(asked).not.toContain('claim');
    expect(asked).not.toContain('regenerate');
  });

  it.each([
    ['validate', { validate: refusal('notFound'), create: fresh }, ['validate', 'claim', 'create']],
    [
      'regenerate',
      { validate: true, regenerate: refusal('notFound'), create: fresh },
      ['validate', 'claim', 'regenerate', 'create'],
    ],
  ])('that are gone, as %s finds, are made anew', async (_, answers, calls) => {
    const { renew, asked } = service(answers);
    expect(await renew({ ...record, access: kept })).toBe(fresh);
    expect(asked).toEqual(calls);
  });

  it.each([
    ['none is kept here', undefined, true],
    ['one is kept here', kept, true],
    ['one is kept here, and the service wants to know its ID', kept, false],
  ])('of somebody else are never replaced, and it is said how to: %s', async (_, access, isAnySet) => {
    const { renew, asked } = service({ validate: false, create: refusal('conflict') }, { isAnySet });
    await expect(renew({ ...record, ...(access && { access }) })).rejects.toMatchObject({
      kind: 'conflict',
      message: 'It is a conflict.',
      advice: expect.stringContaining('ends whatever uses the other one'),
    });
    expect(asked).not.toContain('regenerate');
    expect(asked).not.toContain('claim');
  });

  it('of somebody else whose ID nobody knows are not said to be replaceable', async () => {
    const { renew, asked } = service({ create: refusal('conflict') }, { isAnySet: false });
    await expect(renew(record)).rejects.toMatchObject({ advice: 'Revoke it there.' });
    expect(asked).toEqual(['create']);
  });

  it('whose replacement was just cut short are replaced unasked', async () => {
    const { renew, asked } = service({ regenerate: fresh });
    expect(await renew({ ...record, access: kept, replacing: Date.now() - 1000 })).toBe(fresh);
    // What was written down when that began holds no longer for it.
    expect(asked).toEqual(['regenerate']);
  });

  const minutesAgo = { ...record, access: kept, replacing: Date.now() - 5 * 60_001 };

  it('whose replacement was cut short minutes ago may be somebody else’s by now', async () => {
    const { renew } = service({ validate: false, create: refusal('conflict') });
    await expect(renew(minutesAgo)).rejects.toMatchObject({ kind: 'conflict' });
  });

  it('whose replacement was cut short before the service heard of it still are ours', async () => {
    const { renew, asked } = service({ validate: true, regenerate: fresh });
    expect(await renew(minutesAgo)).toBe(fresh);
    expect(asked).toEqual(['validate', 'claim', 'regenerate']);
  });

  it.each(['validate', 'regenerate', 'create'] as const)('stay as they are when %s fails', async (what) => {
    const { renew } = service({
      validate: what !== 'create',
      regenerate: fresh,
      [what]: refusal('network'),
    });
    await expect(renew({ ...record, access: kept })).rejects.toMatchObject({ kind: 'network' });
  });
});
