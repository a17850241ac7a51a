import { describe, expect, it } from 'vitest';
import { ProviderError, type ErrorKind } from '../../../src/sandboxes/errors.ts';
import type { SshAccess, SshAccessApi } from '../../../src/sandboxes/provider.ts';
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
function service(answers: Answers) {
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
  const api: SshAccessApi = {
    create: answer('create'),
    validate: answer('validate'),
    regenerate: answer('regenerate'),
    revoke: () => Promise.reject(new Error('never')),
  };
  return { api, asked };
}
const refusal = (kind: ErrorKind) => new ProviderError(kind, `It is a ${kind}.`);

describe('credentials', () => {
  it('are made where there are none', async () => {
    const { api, asked } = service({ create: fresh });
    expect(await renewAccess(api, record)).toBe(fresh);
    expect(asked).toEqual(['create']);
  });

  it('that still are ours are replaced', async () => {
    const { api, asked } = service({ validate: true, regenerate: fresh });
    expect(await renewAccess(api, { ...record, access: kept })).toBe(fresh);
    expect(asked).toEqual(['validate', 'regenerate']);
  });

  it('that have expired are replaced without asking what nobody knows any more', async () => {
    const { api, asked } = service({ regenerate: fresh });
    const access = { ...kept, expiresAt: Date.now() - 1 };
    expect(await renewAccess(api, { ...record, access })).toBe(fresh);
    expect(asked).toEqual(['regenerate']);
  });

  it.each([
    ['validate', { validate: refusal('notFound'), create: fresh }, ['validate', 'create']],
    [
      'regenerate',
      { validate: true, regenerate: refusal('notFound'), create: fresh },
      ['validate', 'regenerate', 'create'],
    ],
  ])('that are gone, as %s finds, are made anew', async (_, answers, calls) => {
    const { api, asked } = service(answers);
    expect(await renewAccess(api, { ...record, access: kept })).toBe(fresh);
    expect(asked).toEqual(calls);
  });

  it('of somebody else are never replaced', async () => {
    for (const access of [undefined, kept]) {
      const { api, asked } = service({ validate: false, create: refusal('conflict') });
      await expect(renewAccess(api, { ...record, access })).rejects.toMatchObject({
        kind: 'conflict',
        message: 'It is a conflict.',
        advice: expect.stringContaining('ends whatever uses the other one'),
      });
      expect(asked).not.toContain('regenerate');
    }
  });

  it.each(['validate', 'regenerate', 'create'] as const)('stay as they are when %s fails', async (what) => {
    const { api } = service({
      validate: what !== 'create',
      regenerate: fresh,
      [what]: refusal('network'),
    });
    await expect(renewAccess(api, { ...record, access: kept })).rejects.toMatchObject({ kind: 'network' });
  });
});
