import { randomUUID } from 'node:crypto';
import { type FileHandle, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { flushFolder, moveInto } from '../../common/wholeFile.ts';

/** Somebody else has written the file since it was read. */
export class FileChangedError extends Error {}

export interface Replacement {
  /** What the file holds as far as the caller knows; undefined when there is none. */
  readonly from: Buffer | undefined;
  readonly to: Buffer;
  /** Its permissions; missing: those of the old file, or 0600. */
  readonly mode?: number;
  /** Looks at the file that waits to take the old one's place, and throws when it must not. */
  readonly check?: (candidate: string) => Promise<void>;
}

const candidateSuffix = '.sandbox-explorer-new';

/**
 * Replaces a file in one step and keeps its owner: whoever reads it, and whatever crashes, finds the old one or the new
 * one whole. The caller holds a lock among our own processes; others are noticed by what they have written.
 *
 * It stands in for write-file-atomic, which takes a write that a full disk has cut short for a success, and puts half a
 * file in place.
 * @param path Not a symbolic link: that would be replaced itself.
 * @throws FileChangedError, or the error of the system; the old file is untouched then.
 */
export async function replaceFile(path: string, { from, to, mode, check }: Replacement): Promise<void> {
  await removeLeftovers(path);
  // The dot hides it from our own `Include`, should it stay behind.
  const candidate = join(dirname(path), `.${basename(path)}.${randomUUID()}${candidateSuffix}`);
  try {
    await writeCandidate(candidate, path, to, mode);
    await check?.(candidate);
    await refuseChanged(path, from);
    await moveInto(candidate, path);
  } catch (error) {
    await rm(candidate, { force: true });
    throw error;
  }
  await flushFolder(dirname(path));
}

/**
 * Removes a file that holds what the caller knows.
 * @throws FileChangedError, or the error of the system.
 */
export async function removeFile(path: string, from: Buffer | undefined): Promise<void> {
  await refuseChanged(path, from);
  await rm(path);
}

/** The file's bytes, or nothing when there is no such file; every other failure is thrown. */
export const readIfThere = (path: string): Promise<Buffer | undefined> => readFile(path).catch(ignoreMissing);

/** For a call that may find nothing there. */
export function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

/**
 * Removes what a crash has left beside a file; that of a process which only was suspended goes, too, so that it cannot
 * undo what came after. The caller holds the lock.
 */
export async function removeLeftovers(path: string): Promise<void> {
  const prefix = `.${basename(path)}.`;
  const names = (await readdir(dirname(path)).catch(ignoreMissing)) ?? [];
  const leftovers = names.filter((name) => name.startsWith(prefix) && name.endsWith(candidateSuffix));
  await Promise.all(leftovers.map((name) => rm(join(dirname(path), name), { force: true })));
}

async function writeCandidate(
  candidate: string,
  path: string,
  content: Buffer,
  mode: number | undefined,
): Promise<void> {
  const old = await stat(path).catch(() => undefined);
  const file = await open(candidate, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await keepOwner(file, old ?? (await ownerOfNew(path)));
    await file.chmod((mode ?? old?.mode ?? 0o600) & 0o777);
    await file.sync();
  } finally {
    await file.close();
  }
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** What root makes in somebody's folder is theirs: a file that only root may read would break every `ssh` of theirs. */
async function ownerOfNew(path: string): Promise<Owner | undefined> {
  return process.getuid?.() === 0 ? await stat(dirname(path)) : undefined;
}

async function keepOwner(file: FileHandle, owner: Owner | undefined): Promise<void> {
  if (!owner) return;
  const { uid, gid } = await file.stat();
  if (uid !== owner.uid || gid !== owner.gid) await file.chown(owner.uid, owner.gid);
}

async function refuseChanged(path: string, known: Buffer | undefined): Promise<void> {
  const now = await readIfThere(path);
  const isSame = now && known ? now.equals(known) : now === known;
  if (!isSame) throw new FileChangedError(`${path} was changed by another program meanwhile`);
}
