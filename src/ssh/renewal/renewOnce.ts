import type { SshAccess } from '../../sandboxes/provider.ts';
import { accessFile, type SshFolder } from '../folder.ts';
import {
  fingerprint,
  isFresh,
  readHost,
  writeHost,
  type HostRecord,
  type KeptAccess,
} from '../hostRecord.ts';
import { locked } from '../ownFiles.ts';

/** Milliseconds that another process may take to renew the same credentials. */
const patienceMs = 120_000;

/**
 * Renews the credentials of a host, unless somebody has done so since the caller looked: of any number of processes
 * that find the same credentials wanting, one renews them.
 * @param seen The `fingerprint` of the credentials that were found wanting.
 * @returns The credentials that are in the host's file now.
 */
export async function renewOnce(
  folder: SshFolder,
  host: string,
  seen: string,
  renew: (record: HostRecord) => Promise<SshAccess>,
): Promise<KeptAccess> {
  return locked(accessFile(folder, host), patienceMs, async () => {
    const record = readHost(folder, host);
    if (record.access && isFresh(record.access) && fingerprint(record.access) !== seen) return record.access;
    const { command: _, expiresAt, ...made } = await renew(record);
    const access = { ...made, ...(expiresAt !== undefined && { expiresAt }) };
    await writeHost(folder, host, { ...record, access });
    return access;
  });
}
