import { advised, ProviderError, unlessGone } from '../../sandboxes/errors.ts';
import type { CallOptions, SshAccess, SshAccessApi } from '../../sandboxes/provider.ts';
import type { HostRecord } from '../hostRecord.ts';
import type { AccessBook } from './accessBook.ts';

/** Milliseconds after which what was begun and never ended proves nothing any more: others may have been there since. */
const begunForMs = 5 * 60_000;

/**
 * Gets fresh credentials for a sandbox. Those that were made here before are replaced; a set that somebody else has
 * made, or has replaced ours by, is left alone: to replace it would end the other's connections.
 * @throws ProviderError `conflict` when there is such a set.
 */
export async function renewAccess(
  api: SshAccessApi,
  record: HostRecord,
  book: AccessBook,
  options: CallOptions = {},
): Promise<SshAccess> {
  const { sandbox, access } = record;
  const regenerate = async () => access && unlessGone(api.regenerate(sandbox.id, access.accessId, options));
  const set = await lookAtSet(api, record, options);
  if (set === 'ours' || set === 'gone') await book.claim();
  const renewed = set === 'ours' || set === 'begun' ? await regenerate() : undefined;
  if (renewed) return renewed;
  try {
    return await api.create(sandbox.id, options);
  } catch (thrown) {
    const conflict = ProviderError.from(thrown);
    if (conflict.kind !== 'conflict') throw conflict;
    const shared = await findShared(api, record, book, options);
    if (shared) return shared;
    // Where one that has expired may be in the way, it most likely is the user's own. Where a set is called by its ID no
    // other one is hit; in Leap0's revision A, which has none, a living one of somebody else's cannot be told from it.
    const replaced = set === 'expired' && !api.expiredMakesRoom ? await regenerate() : undefined;
    if (replaced) return replaced;
    if (!api.anySet && !access) throw conflict;
    throw advised(
      conflict,
      'If its SSH access was made elsewhere: regenerate it in the Sandbox Explorer view, which ends whatever uses the ' +
        'other one.',
    );
  }
}

/** What is known of the set that the service has, when it has one. */
async function lookAtSet(
  api: SshAccessApi,
  { sandbox, access, replacing = -Infinity }: HostRecord,
  options: CallOptions,
): Promise<'ours' | 'begun' | 'expired' | 'gone' | 'unknown'> {
  if (!access) return 'unknown';
  // It follows somebody who replaced ours and told nobody by what.
  if (Date.now() - replacing < begunForMs) return 'begun';
  // Nobody can tell any more whose it is: others may have made one since.
  if ((access.expiresAt ?? Infinity) <= Date.now()) return 'expired';
  const isValid = await unlessGone(api.validate(sandbox.id, access, options));
  if (isValid === undefined) return 'gone';
  return isValid ? 'ours' : 'unknown';
}

/** The set as another host of this user's knows it, if that is the one which the service has. */
async function findShared(
  api: SshAccessApi,
  { sandbox }: HostRecord,
  book: AccessBook,
  options: CallOptions,
): Promise<SshAccess | undefined> {
  for (const access of book.others()) {
    const isValid = await unlessGone(api.validate(sandbox.id, access, options));
    if (isValid) return { ...access, expiresAt: access.expiresAt };
  }
  return undefined;
}
