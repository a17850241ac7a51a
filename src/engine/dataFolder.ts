/** The engine's folder on the host: where everything lies, and who may use it. */
import { chmodSync, chownSync, lstatSync, mkdirSync, readdirSync, type Stats } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { hostKeyFile, portFile } from '../common/engineSsh.ts';

/** The folder cannot be used; the message says why and what to do. */
export class DataFolderError extends Error {}

export interface DataFolder {
  root: string;
  token: string;
  info: string;
  log: string;
  lock: string;
  socket: string;
  /** Private; what SSH clients know the engine by. */
  sshHostKey: string;
  /** The port that SSH clients know. */
  sshPort: string;
  /** One folder per sandbox. */
  sandboxes: string;
  /** One folder per snapshot. */
  snapshots: string;
  /** Sandboxes and snapshots whose deletion has been answered or begun. */
  trash: string;
}

export function dataFolderAt(path: string): DataFolder {
  const root = resolve(path);
  return {
    root,
    token: join(root, 'token'),
    info: join(root, 'engine.json'),
    log: join(root, 'engine.log'),
    lock: join(root, 'engine.life'),
    socket: join(root, 'engine.sock'),
    sshHostKey: join(root, hostKeyFile),
    sshPort: join(root, portFile),
    sandboxes: join(root, 'sandboxes'),
    snapshots: join(root, 'snapshots'),
    trash: join(root, 'trash'),
  };
}

/**
 * Makes the folder, or takes the one there is, and hands it to `owner` with mode 0700. A folder that holds other
 * people's files is refused before its owner or mode is touched.
 * @throws DataFolderError
 */
export function prepareDataFolder(folder: DataFolder, owner: { uid: number; gid: number }): void {
  // Folders above it stay open to its user, who need not be ours.
  mkdirSync(dirname(folder.root), { recursive: true, mode: 0o755 });
  mkdirSync(folder.root, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder.root);
  if (!found.isDirectory()) {
    throw new DataFolderError(`${folder.root} is not a folder. Choose another --data folder.`);
  }
  if (!isOurs(folder, found, owner.uid)) {
    throw new DataFolderError(
      `${folder.root} holds files that are not the engine's. Choose an empty or new --data folder.`,
    );
  }
  try {
    if (found.uid !== owner.uid) chownSync(folder.root, owner.uid, owner.gid);
    chmodSync(folder.root, 0o700);
  } catch (error) {
    throw new DataFolderError(`${folder.root} belongs to another user. Choose another --data folder.`, {
      cause: error,
    });
  }
}

function isOurs(folder: DataFolder, found: Stats, uid: number): boolean {
  const names = new Set(readdirSync(folder.root));
  if (names.size === 0) return true;
  return found.uid === uid && names.has(basename(folder.sandboxes));
}

/** Makes the folders inside, as the user the engine runs as; they mark the folder as ours. */
export function prepareSubfolders(folder: DataFolder): void {
  for (const path of [folder.sandboxes, folder.snapshots, folder.trash]) {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  }
}
