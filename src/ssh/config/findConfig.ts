import { constants } from 'node:fs';
import { access, lstat, readFile, readlink, realpath } from 'node:fs/promises';
import { dirname, isAbsolute } from 'node:path';
import { ProviderError } from '../../sandboxes/errors.ts';
import { ignoreMissing } from './replaceFile.ts';

const maxLinks = 40;

/** A config of the user's as it is now. */
export interface Found {
  /** How the user calls it. */
  readonly name: string;
  /** Where its symbolic links end. */
  readonly path: string;
  /** Missing when there is no file yet. */
  readonly bytes: Buffer | undefined;
}

/** Whatever the bytes are, each is one character of it. */
export const textOf = ({ bytes }: Found): string => bytes?.toString('latin1') ?? '';

/**
 * Reads a config. What cannot be read is never taken for empty.
 * @throws ProviderError when it is no file, or the error of the system.
 */
export async function findConfig(name: string): Promise<Found> {
  const path = await followLinks(name);
  const found = await lstat(path).catch(ignoreMissing);
  if (!found) return { name, path, bytes: undefined };
  if (!found.isFile()) throw refusal(name, 'it is no ordinary file');
  return { name, path, bytes: await readFile(path) };
}

/**
 * Does nothing when the config may be replaced.
 * @throws ProviderError with the reason when it may not.
 */
export async function demandWritable({ name, path, bytes }: Found): Promise<void> {
  if (bytes === undefined) {
    // Without any link its folder is made; behind one it may be a disk that is not there now.
    const isLost = path !== name && !(await lstat(dirname(path)).catch(ignoreMissing));
    if (isLost) throw refusal(name, `it is a link to ${path}, which is not there`);
    return;
  }
  const { mode, nlink, uid } = await lstat(path);
  const user = process.getuid?.() ?? uid;
  const isWritable = await access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
  // Root may write to it all the same, but whoever took away that right did not mean us to.
  if (!isWritable || (mode & 0o222) === 0) throw refusal(name, 'it is read-only');
  if (uid !== user && user !== 0) throw refusal(name, 'it belongs to another user');
  if (nlink > 1) throw refusal(name, 'it has a second name (a hard link), which would keep the old contents');
}

export const refusal = (name: string, reason: string): ProviderError =>
  new ProviderError('forbidden', `Could not change ${name}: ${reason}.`);

/** Like `realpath`, but for a last link that leads to nothing, too: writing through it makes what it leads to. */
async function followLinks(path: string): Promise<string> {
  for (let links = 0; links <= maxLinks; links++) {
    const target = await readlink(path).catch(ignoreNoLink);
    if (target === undefined) return path;
    // Not `join`, which would leave out `a/..` although `a` may be a link to elsewhere.
    path = isAbsolute(target) ? target : `${await realpath(dirname(path))}/${target}`;
  }
  throw new Error('its symbolic links lead round in a circle');
}

/** `EINVAL` says that it is something else than a link; Windows says `UNKNOWN`. */
function ignoreNoLink(error: NodeJS.ErrnoException): undefined {
  if (!['EINVAL', 'ENOENT', 'UNKNOWN'].includes(error.code ?? '')) throw error;
}
