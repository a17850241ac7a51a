import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Files of our own that are always whole: who reads one, and whatever crashes, finds the old text or the new one. It
 * stands in for write-file-atomic, which takes a write that a full disk has cut short for a success.
 */

/** For this user alone. */
const mode = 0o600;

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
    await rename(candidate, path);
  } catch (error) {
    await rm(candidate, { force: true });
    throw error;
  }
}

/** The same at once, for what nobody may come between. */
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

/** Removes what was begun by somebody who crashed; nobody else may be writing there. */
export function removeHalfWritten(path: string): void {
  const folder = dirname(path);
  for (const name of readdirSync(folder)) {
    if (name.startsWith(`${basename(path)}.`)) rmSync(join(folder, name));
  }
}

const candidateOf = (path: string) => `${path}.${randomUUID()}`;
