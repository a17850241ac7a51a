import { existsSync } from 'node:fs';
import { type ErrorKind, ProviderError } from '../../sandboxes/errors.ts';
import type { SshAccess } from '../../sandboxes/provider.ts';
import { accessFile, type SshFolder } from '../folder.ts';
import {
  fingerprint,
  isFresh,
  readHost,
  renewalPatienceMs,
  unknownHost,
  writeHost,
  type HostRecord,
  type KeptAccess,
} from '../hostRecord.ts';
import { locked } from '../ownFiles.ts';

/** Says, before a set is replaced that is known to be ours, that the next one will be ours, too. */
export type Claim = () => Promise<void>;

/** After any other failure nobody knows whether the service has done it. */
const refusals = new Set<ErrorKind>([
  'unauthorized',
  'forbidden',
  'notFound',
  'conflict',
  'rateLimited',
  'invalid',
]);

/**
 * Renews the credentials of a host, unless somebody has done so since the caller looked: of any number of processes
 * that find the same credentials wanting, one renews them.
 * @param seen The `fingerprint` of the credentials that were found wanting.
 * @returns The credentials that are in the host's file now.
 * @throws ProviderError `notFound` when the host is removed meanwhile: it is not written again.
 */
export async function renewOnce(
  folder: SshFolder,
  host: string,
  seen: string,
  renew: (record: HostRecord, claim: Claim) => Promise<SshAccess>,
): Promise<KeptAccess> {
  const file = accessFile(folder, host);
  const write = async (next: HostRecord) => {
    if (!existsSync(file)) throw unknownHost(host);
    await writeHost(folder, host, next);
  };
  return locked(file, renewalPatienceMs, async () => {
    const record = readHost(folder, host);
    if (record.access && isFresh(record.access) && fingerprint(record.access) !== seen) return record.access;
    const { replacing: _, ...settled } = record;
    const claim = () => write({ ...record, replacing: Date.now() });
    const {
      command: __,
      expiresAt,
      ...made
    } = await renew(record, claim).catch(async (thrown: unknown) => {
      const { kind } = ProviderError.from(thrown);
      // There is somebody else's set after all; or nothing was done, and whatever was begun before still is.
      if (refusals.has(kind)) await write(kind === 'conflict' ? settled : record);
      throw thrown;
    });
    const access = { ...made, ...(expiresAt !== undefined && { expiresAt }) };
    await write({ ...settled, access });
    return access;
  });
}
