import { ProviderError } from '../../sandboxes/errors.ts';
import type { CallOptions, SshAccess, SshAccessApi } from '../../sandboxes/provider.ts';
import type { HostRecord, KeptAccess } from '../hostRecord.ts';

/**
 * Gets fresh credentials for a sandbox. Those that were made here before are replaced; a set that somebody else has
 * made, or has replaced ours by, is left alone: to replace it would end the other's connections.
 * @throws ProviderError `conflict` when there is such a set.
 */
export async function renewAccess(
  api: SshAccessApi,
  { sandbox, access }: HostRecord,
  options: CallOptions = {},
): Promise<SshAccess> {
  const kept = access && (await unlessGone(isOurs(api, sandbox.id, access, options)));
  const renewed = kept && (await unlessGone(api.regenerate(sandbox.id, access.accessId, options)));
  return renewed || api.create(sandbox.id, options).catch(explainConflict);
}

/** Once a set has expired nobody can tell any more; then it was ours when it last was good. */
async function isOurs(
  api: SshAccessApi,
  sandboxId: string,
  access: KeptAccess,
  options: CallOptions,
): Promise<boolean> {
  return (access.expiresAt ?? Infinity) <= Date.now() || api.validate(sandboxId, access, options);
}

async function unlessGone<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (thrown) {
    const error = ProviderError.from(thrown);
    if (error.kind === 'notFound') return undefined;
    throw error;
  }
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
