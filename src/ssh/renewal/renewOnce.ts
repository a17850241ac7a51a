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
import { othersOf, sandboxLock, type AccessBook } from './accessBook.ts';

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
 * that find the same credentials wanting, one renews them. The sandbox's other hosts wait for it, too.
 * @param seen The `fingerprint` of the credentials that were found wanting.
 * @param patienceMs How long the others may take.
 * @returns The credentials that are in the host's file now.
 * @throws ProviderError `notFound` when the host is removed meanwhile: it is not written again.
 */
export async function renewOnce(
  folder: SshFolder,
  host: string,
  seen: string,
  renew: (record: HostRecord, book: AccessBook) => Promise<SshAccess>,
  patienceMs = renewalPatienceMs,
): Promise<KeptAccess> {
  const file = accessFile(folder, host);
  const write = async (next: HostRecord) => {
    if (!existsSync(file)) throw unknownHost(host);
    await writeHost(folder, host, next);
  };
  const renewInTurn = async () => {
    const record = readHost(folder, host);
    if (record.access && isFresh(record.access) && fingerprint(record.access) !== seen) return record.access;
    const { replacing: _, ...settled } = record;
    const book = {
      claim: () => write({ ...record, replacing: Date.now() }),
      others: () => othersOf(folder, host, record),
    };
    const { expiresAt, ...made } = await renew(record, book).catch(async (thrown: unknown) => {
      const { kind } = ProviderError.from(thrown);
      // There is somebody else's set after all; or nothing was done, and whatever was begun before still is.
      if (refusals.has(kind)) await write(kind === 'conflict' ? settled : record);
      throw thrown;
    });
    const access = { ...made, ...(expiresAt !== undefined && { expiresAt }) };
    await write({ ...settled, access });
    return access;
  };
  const until = performance.now() + patienceMs;
  return locked(sandboxLock(folder, readHost(folder, host)), patienceMs, () =>
    locked(file, Math.max(0, until - performance.now()), renewInTurn),
  );
}
