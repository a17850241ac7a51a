import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { backOff, sleep } from './time.ts';

/**
 * Files of our own that are always whole: who reads one, and whatever crashes, finds the old text or the new one. It
 * stands in for write-file-atomic, which takes a write that a full disk has cut short for a success.
 */

/** For this user alone. */
const mode = 0o600;
/** A virus scanner, or a cloud's folder, has a file open for moments: Windows refuses to replace it then. */
const windowsTries = 8;
const busyCodes = new Set(['EPERM', 'EACCES', 'EBUSY']);

/**
 * Resolves when the text is on disk.
 * @throws the error of the system; the old file is untouched then
 */
export async function writeWhole(path: string, text: string): Promise<void> {
  const candidate = candidateOf(path);
  try {
    const file = await open(candidate, 'wx', mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await moveInto(candidate, path);
  } catch (error) {
    await rm(candidate, { force: true });
    throw error;
  }
}

/** Puts a file in the place of another one, in one step. @throws the error of the system, once it does not pass */
export async function moveInto(candidate: string, path: string): Promise<void> {
  for (let failures = 1; ; failures++) {
    try {
      return await rename(candidate, path);
    } catch (error) {
      const isBusy =
        process.platform === 'win32' && busyCodes.has((error as NodeJS.ErrnoException).code ?? '');
      if (!isBusy || failures === windowsTries) throw error;
    }
    await sleep(backOff(failures, 20, 1000));
  }
}

/**
 * Without it a power cut could take back what was put into a folder. Some file systems, and Windows, cannot do it: by now
 * all is in place, so that is no failure.
 */
export async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder).catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

/** As `writeWhole`, but at once: for what nobody may come between. */
export function writeWholeSync(path: string, text: string): void {
  const candidate = candidateOf(path);
  try {
    const file = openSync(candidate, 'wx', mode);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(candidate, path);
  } catch (error) {
    rmSync(candidate, { force: true });
    throw error;
  }
}

/**
 * Removes what was begun by somebody who crashed; nobody else may be writing there. What cannot be removed now, such as
 * what has been opened on Windows, stays: it is in nobody's way.
 * @throws the error of the system when the folder cannot be read
 */
export function removeHalfWritten(path: string): void {
  const [folder, file] = [dirname(path), basename(path)];
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(`${file}.`) || !uuid.test(name.slice(file.length + 1))) continue;
    try {
      rmSync(join(folder, name), { force: true });
    } catch {}
  }
}

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
const candidateOf = (path: string) => `${path}.${randomUUID()}`;
