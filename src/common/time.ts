/** Waits; rejects with the signal's reason as soon as it is aborted. */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, milliseconds);
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    signal?.addEventListener('abort', abort, { once: true });
  });
}

/** A delay for the nth failure in a row (from 1): doubles up to `maxMs`, and differs between callers by up to half. */
export function backOff(failures: number, baseMs: number, maxMs: number): number {
  const full = Math.min(maxMs, baseMs * 2 ** (failures - 1));
  return full / 2 + Math.random() * (full / 2);
}

/** The longest that a timer can wait, in milliseconds; a longer one would ring at once. */
const maxTimer = 2 ** 31 - 1;

/** A signal that is aborted after so many milliseconds: a fraction of one is rounded up, and what is past is now. */
export function timeoutSignal(milliseconds: number): AbortSignal {
  return AbortSignal.timeout(Math.min(maxTimer, Math.max(0, Math.ceil(milliseconds))));
}

/** A timer that is armed at most once at a time: arming it again replaces the earlier one. Disposed, it never rings. */
export class Alarm {
  #timer: NodeJS.Timeout | undefined;
  #disposed = false;

  set(milliseconds: number, ring: () => void): void {
    this.clear();
    if (this.#disposed) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        ring();
      },
      Math.min(milliseconds, maxTimer),
    );
  }

  get isSet(): boolean {
    return this.#timer !== undefined;
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  dispose(): void {
    this.#disposed = true;
    this.clear();
  }
}
