import { ProviderError, unlessGone } from '../../sandboxes/errors.ts';
import type { CallOptions, SshAccess, SshAccessApi } from '../../sandboxes/provider.ts';
import type { HostRecord } from '../hostRecord.ts';
import type { Claim } from './renewOnce.ts';

/** Milliseconds that a set may last whose password nobody knows; after that it makes room by itself. */
const lostForMs = 60 * 60_000;

/**
 * Gets fresh credentials for a sandbox. Those that were made here before are replaced; a set that somebody else has
 * made, or has replaced ours by, is left alone: to replace it would end the other's connections.
 * @param claim Called before a set that is known to be ours is replaced.
 * @throws ProviderError `conflict` when there is such a set.
 */
export async function renewAccess(
  api: SshAccessApi,
  record: HostRecord,
  claim: Claim,
  options: CallOptions = {},
): Promise<SshAccess> {
  const { sandbox, access } = record;
  const set = await lookAtSet(api, record, options);
  if (set !== 'unknown') await claim();
  const isOurs = access && set === 'ours';
  const renewed = isOurs && (await unlessGone(api.regenerate(sandbox.id, access.accessId, options)));
  if (renewed) return renewed;
  const created = api.create(sandbox.id, options);
  return api.anySet || access ? created.catch(explainConflict) : created;
}

/** Whose the set is that the service has. */
async function lookAtSet(
  api: SshAccessApi,
  { sandbox, access, replacing = -Infinity }: HostRecord,
  options: CallOptions,
): Promise<'ours' | 'gone' | 'unknown'> {
  if (!access) return 'unknown';
  if (Date.now() - replacing < lostForMs) return 'ours';
  // Once a set has expired nobody can tell any more; then it was ours when it last was good.
  if ((access.expiresAt ?? Infinity) <= Date.now()) return 'ours';
  const isValid = await unlessGone(api.validate(sandbox.id, access, options));
  if (isValid === undefined) return 'gone';
  return isValid ? 'ours' : 'unknown';
}

function explainConflict(thrown: unknown): never {
  const error = ProviderError.from(thrown);
  if (error.kind !== 'conflict') throw error;
  throw new ProviderError('conflict', error.message, {
    advice:
      'If its SSH access was made elsewhere: regenerate it in the Sandbox Explorer view, which ends whatever uses the ' +
      'other one.',
    requestId: error.requestId,
    cause: error,
  });
}
