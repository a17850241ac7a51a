import lockfile from 'proper-lockfile';

const retryMs = { min: 20, max: 250 };

export interface LockOptions {
  /** Milliseconds after which a holder that gives no sign of life counts as crashed; at least 2,000. */
  readonly stale: number;
  /** Milliseconds to wait for it, about. */
  readonly wait: number;
}

/**
 * Takes a lock that holds between processes; the result releases it and never rejects.
 * @throws Error when it cannot be made, or when others hold it for too long
 */
export async function lock(path: string, { stale, wait }: LockOptions): Promise<() => Promise<void>> {
  const release = await lockfile.lock(path, {
    lockfilePath: path,
    realpath: false,
    stale,
    retries: {
      retries: Math.ceil(wait / retryMs.max) + 5,
      minTimeout: retryMs.min,
      maxTimeout: retryMs.max,
      randomize: true,
    },
    // A computer that slept: the other windows go on without this one, which has nothing to do about it.
    onCompromised: () => undefined,
  });
  return () => release().catch(() => undefined);
}
