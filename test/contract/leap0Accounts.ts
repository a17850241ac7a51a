import { openLeap0 } from '../../src/providers/index.ts';
import type { Revision } from '../../src/providers/leap0/dialect.ts';
import type { Leap0AccountOptions } from '../../src/providers/leap0/open.ts';
import type { Subject } from './promises.ts';

const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A Leap0 account, and one with another key, at an engine or whatever stands before it. */
export async function accountsAt(
  baseUrl: string,
  token: string,
  sent: Pick<Leap0AccountOptions, 'authHeader' | 'bearer'> = {},
): Promise<Pick<Subject, 'provider' | 'stranger'>> {
  let revision: Revision | undefined;
  const ids = new Set<string>();
  const remove = async (id: string) => void ids.delete(id);
  const open = (key: string) =>
    openLeap0({
      ...sent,
      baseUrl,
      key: async () => key,
      hide: () => {},
      log,
      timeouts: () => ({ callMs: 30_000, createMs: 30_000 }),
      revision: { get: () => revision, set: async (found) => void (revision = found) },
      knownIds: {
        all: async () => Array.from(ids),
        add: async (id) => void ids.add(id),
        remove,
        gone: remove,
      },
    });
  const provider = await open(token);
  return { provider, stranger: await open('nobody') };
}
