import { lock } from '../common/lock.ts';
import { ownFileFailure } from './config/failure.ts';
import { readIfThere, replaceFile } from './config/replaceFile.ts';

/**
 * Writing files that other processes use, too. ssh-proxy loads this only when it has something to write, which is
 * seldom, and then some milliseconds matter less.
 */

/** Milliseconds after which the lock of a process that died is taken over; a living one renews its own. */
export const staleMs = 10_000;

/**
 * Runs a task while no other process runs one with the same file. The file need not exist.
 * @param patienceMs How long the others may take.
 * @throws ProviderError `unavailable` when they take longer, or the reason why the lock cannot be made.
 */
export async function locked<T>(file: string, patienceMs: number, task: () => Promise<T>): Promise<T> {
  const release = await takeLock(file, patienceMs);
  try {
    return await task();
  } finally {
    await release();
  }
}

/** The same for as long as the result is not called. */
export const takeLock = (file: string, patienceMs: number): Promise<() => Promise<void>> =>
  forPeople(file, lock(`${file}.lock`, { stale: staleMs, wait: patienceMs }));

/**
 * Writes a file in one step, for this user alone: who reads it meanwhile sees the old one, or the new one whole.
 * @throws ProviderError with the reason why it cannot be written; the old file is untouched then.
 */
export async function writeOwn(file: string, text: string, mode = 0o600): Promise<void> {
  const write = async () => replaceFile(file, { from: await readIfThere(file), to: Buffer.from(text), mode });
  await forPeople(file, write());
}

function forPeople<T>(file: string, work: Promise<T>): Promise<T> {
  return work.catch((thrown: unknown) => {
    throw ownFileFailure(thrown, file);
  });
}
