/**
 * An engine never serves as root: uid 0 inside a jail is the engine's own uid outside, so a root engine would let a
 * sandbox leave a setuid-root file on the host's disk.
 */
import { accessSync, constants } from 'node:fs';
import { DataFolderError } from './dataFolder.ts';

/**
 * The user and group that an engine started by root becomes. It needs no passwd entry. The number lies between the
 * 16-bit ids and 100000, where subordinate ids begin: a range that no distribution hands out.
 */
const unprivilegedId = 77_312;

export interface Identity {
  uid: number;
  gid: number;
}

/** Who the engine will serve as. */
export function engineIdentity(): Identity {
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  return uid === 0 ? { uid: unprivilegedId, gid: unprivilegedId } : { uid, gid };
}

/**
 * Becomes `identity` for good. Everything that has to be read from the program's own folder must be loaded before.
 * @throws DataFolderError when `identity` cannot reach the data folder afterwards.
 */
export function becomeIdentity(identity: Identity, dataFolder: string): void {
  if (process.getuid?.() === 0) {
    process.setgroups?.([]);
    process.setgid?.(identity.gid);
    process.setuid?.(identity.uid);
  }
  process.umask(0o022);
  process.chdir('/');
  try {
    accessSync(dataFolder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new DataFolderError(
      `User ${identity.uid}, as which the engine runs, cannot reach ${dataFolder}: a folder above it is closed to ` +
        'others. Choose a --data folder below one that everyone may pass, such as /var/lib/sandbox-explorer.',
      { cause: error },
    );
  }
}
