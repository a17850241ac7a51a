import { backOff, sleep } from '../common/time.ts';
import { ProviderError } from '../sandboxes/errors.ts';
import { Refusal } from './failure.ts';
import { Unreachable } from './unreachable.ts';

const mostTries = 4;
/** Milliseconds between tries, before their jitter. */
const pauseMs = { base: 300, max: 2_000 };
/** Milliseconds since the first try after which none begins any more: a person is waiting. */
const patienceMs = 15_000;

/** What a gateway answers while its service is away (RFC 9110, section 15.6). */
const awayStatuses = new Set([502, 503, 504]);

export interface RetryOptions {
  /** Whether doing it twice is the same as doing it once; what is not is repeated only when nothing was sent. */
  readonly repeatable: boolean;
  /** Milliseconds for all tries together. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends until it succeeds, or until another try would be useless, harmful or too late.
 * @throws ProviderError the last failure, or `cancelled` when the signal is aborted between two tries.
 */
export async function persist<T>(send: (nth: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const lastStart = performance.now() + Math.min(options.timeoutMs, patienceMs);
  for (let nth = 1; ; nth++) {
    try {
      return await send(nth);
    } catch (thrown) {
      const failure = ProviderError.from(thrown);
      const pause = pauseAfter(failure, nth, options.repeatable);
      if (pause === undefined || performance.now() + pause >= lastStart) throw failure;
      await sleep(pause, options.signal).catch((cause: unknown) => {
        throw new ProviderError('cancelled', 'Cancelled.', { cause });
      });
    }
  }
}

/** Milliseconds until the next try after the nth has failed; nothing where there is to be none. */
export function pauseAfter(failure: ProviderError, nth: number, repeatable: boolean): number | undefined {
  if (nth >= mostTries || !mayDoBetter(failure, repeatable)) return undefined;
  return (failure.retryAfterMs ?? 0) + backOff(nth, pauseMs.base, pauseMs.max);
}

function mayDoBetter(failure: ProviderError, repeatable: boolean): boolean {
  if (failure instanceof Unreachable) return failure.passing;
  if (!repeatable) return false;
  // A 429 that says when is about speed; one that does not is about a limit, which stays.
  if (failure instanceof Refusal) {
    return awayStatuses.has(failure.status) || (failure.status === 429 && failure.retryAfterMs !== undefined);
  }
  return failure.kind === 'network';
}
