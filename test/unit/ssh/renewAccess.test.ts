import { describe, expect, it } from 'vitest';
import { ProviderError, type ErrorKind } from '../../../src/sandboxes/errors.ts';
import type { SshAccess, SshAccessApi } from '../../../src/sandboxes/provider.ts';
import type { HostRecord } from '../../../src/ssh/hostRecord.ts';
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
const kept = { accessId: 'a', user: 'u', password: 'kept', host: 'h', port: 22 };

interface Answers {
  create?: SshAccess | Error;
  validate?: boolean | Error;
  regenerate?: SshAccess | Error;
}

/** A service that answers as scripted, and what it was asked. */
function service(answers: Answers, isAnySet = true) {
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
  const claim = async () => void asked.push('claim');
  const renew = (known: HostRecord) => renewAccess(api, known, claim);
  const never = () => Promise.reject(new Error('never'));
  const api: SshAccessApi = {
    create: answer('create'),
    validate: answer('validate'),
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

  it('that have expired are replaced without asking what nobody knows any more', async () => {
    const { renew, asked } = service({ regenerate: fresh });
    const access = { ...kept, expiresAt: Date.now() - 1 };
    expect(await renew({ ...record, access })).toBe(fresh);
    expect(asked).toEqual(['claim', 'regenerate']);
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
    const { renew, asked } = service({ validate: false, create: refusal('conflict') }, isAnySet);
    await expect(renew({ ...record, ...(access && { access }) })).rejects.toMatchObject({
      kind: 'conflict',
      message: 'It is a conflict.',
      advice: expect.stringContaining('ends whatever uses the other one'),
    });
    expect(asked).not.toContain('regenerate');
    expect(asked).not.toContain('claim');
  });

  it('of somebody else whose ID nobody knows are not said to be replaceable', async () => {
    const { renew, asked } = service({ create: refusal('conflict') }, false);
    await expect(renew(record)).rejects.toMatchObject({ advice: 'Revoke it there.' });
    expect(asked).toEqual(['create']);
  });

  it('whose replacement was cut short are replaced unasked', async () => {
    const { renew, asked } = service({ regenerate: fresh });
    expect(await renew({ ...record, access: kept, replacing: Date.now() - 1000 })).toBe(fresh);
    expect(asked).toEqual(['claim', 'regenerate']);
  });

  it('whose replacement was cut short so long ago that they have expired are nobody’s', async () => {
    const { renew } = service({ validate: false, create: refusal('conflict') });
    const longAgo = { ...record, access: kept, replacing: Date.now() - 3_600_001 };
    await expect(renew(longAgo)).rejects.toMatchObject({ kind: 'conflict' });
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
