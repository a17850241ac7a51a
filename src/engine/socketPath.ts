import { lstatSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** The shortest limit of `sun_path` among the systems a client may run on, with its final NUL. */
const maxPathBytes = 104;
const folderPrefix = 'sbx-engine-';
const socketName = 's';

/**
 * Where the Unix socket goes: into the data folder, or, when its path is too long for a socket address, into a new
 * 0700 folder of ours with a name that nobody could have guessed and taken before.
 */
export function chooseSocketPath(preferred: string): string {
  if (fits(preferred)) return preferred;
  const parents = [process.env['XDG_RUNTIME_DIR'], tmpdir(), '/tmp'];
  for (const parent of parents) {
    if (!parent || !fits(join(parent, `${folderPrefix}XXXXXX`, socketName))) continue;
    try {
      return join(mkdtempSync(join(parent, folderPrefix)), socketName);
    } catch {
      // Not writable for this user: the next one is.
    }
  }
  throw new Error(`No folder for the engine's socket: none of ${parents.join(', ')} can be written to.`);
}

/** Removes a socket and, when it is one of ours outside the data folder, the folder made for it. */
export function removeSocket(path: string): void {
  const folder = dirname(path);
  if (basename(folder).startsWith(folderPrefix)) {
    if (isOwnFolder(folder)) rmSync(folder, { recursive: true, force: true });
  } else {
    rmSync(path, { force: true });
  }
}

function isOwnFolder(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === process.getuid?.() && (found.mode & 0o077) === 0;
}

const fits = (path: string) => Buffer.byteLength(path) < maxPathBytes;
