import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { namesIn, type SshFolder } from '../folder.ts';
import { isFresh, readHost, type HostRecord, type KeptAccess } from '../hostRecord.ts';

/** What is written down about the credentials of a sandbox, for whoever renews them. */
export interface AccessBook {
  /** Writes down, before a set is replaced that is known to be ours, that the next one will be ours, too. */
  readonly claim: () => Promise<void>;
  /**
   * What the other hosts of the sandbox have that may still be good: each of a user's editors, and each profile of one,
   * has a host of its own, and all of them have to share the one set that a sandbox has.
   */
  readonly others: () => readonly KeptAccess[];
}

export function othersOf(folder: SshFolder, host: string, record: HostRecord): KeptAccess[] {
  const hosts = namesIn(folder.access).flatMap((name) => /^(.+)\.json$/.exec(name)?.[1] ?? []);
  return hosts.flatMap((other) => {
    if (other === host) return [];
    const known = readIfWhole(folder, other);
    const isShared = known && sandboxOf(known) === sandboxOf(record);
    return isShared && known.access && isFresh(known.access) ? [known.access] : [];
  });
}

/** What is locked while the credentials of a sandbox are renewed, by whichever of its hosts. */
export const sandboxLock = (folder: SshFolder, record: HostRecord): string =>
  join(folder.access, createHash('sha256').update(sandboxOf(record)).digest('hex').slice(0, 32));

/**
 * The same for all hosts of a sandbox: each editor has an account of its own. Not by the sandbox alone, since another
 * service is not to be told the password.
 */
const sandboxOf = ({ account, sandbox, dataFolder, service }: HostRecord): string =>
  JSON.stringify([dataFolder ?? service ?? account.id, sandbox.id]);

/** Another host's file is none of our business when it is damaged, or gone this very moment. */
function readIfWhole(folder: SshFolder, host: string): HostRecord | undefined {
  try {
    return readHost(folder, host);
  } catch {
    return undefined;
  }
}
