import lockfile from 'proper-lockfile';
import { backOff, sleep } from './time.ts';

/** Close enough together that a short time without a holder is noticed, however busy the others are. */
const retryMs = { first: 20, most: 60 };

export interface LockOptions {
  /** Milliseconds after which a holder that gives no sign of life counts as crashed; at least 2,000. */
  readonly stale: number;
  /** Milliseconds to wait for it, about. */
  readonly wait: number;
}

/**
 * Takes a lock that holds between processes; the result releases it and never rejects. The library would wait for a
 * lock that cannot be made as for one that others hold.
 * @throws Error with the code `ELOCKED` when others hold it for too long, or the error of the system
 */
export async function lock(path: string, { stale, wait }: LockOptions): Promise<() => Promise<void>> {
  const until = performance.now() + wait;
  for (let failures = 1; ; failures++) {
    try {
      const release = await lockfile.lock(path, {
        lockfilePath: path,
        realpath: false,
        stale,
        // A computer that slept: the other windows go on without this one, which has nothing to do about it.
        onCompromised: () => undefined,
      });
      return () => release().catch(() => undefined);
    } catch (error) {
      if (isHopeless(error as NodeJS.ErrnoException) || performance.now() >= until) throw error;
    }
    await sleep(backOff(failures, retryMs.first, retryMs.most));
  }
}

const hopeless = new Set(['ENOTDIR', 'EROFS', 'ENOSPC', 'EDQUOT']);

/** Whether waiting changes nothing. */
function isHopeless({ code = '', syscall }: NodeJS.ErrnoException): boolean {
  // Any other call finds none when somebody takes a lock that has just been made for a dead one's.
  if (code === 'ENOENT') return syscall === 'mkdir';
  // Windows says so, too, of what is being removed this moment.
  if (code === 'EACCES' || code === 'EPERM') return process.platform !== 'win32';
  return hopeless.has(code);
}
