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

export type Method = 'GET' | 'POST' | 'DELETE';

/** Whether doing it twice is the same as doing it once; what is not is repeated only when nothing was sent. */
export const isRepeatable = (method: Method): boolean => method !== 'POST';

export interface RetryOptions {
  readonly method: Method;
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
      const pause = pauseAfter(failure, nth, options.method);
      if (pause === undefined || performance.now() + pause >= lastStart) throw failure;
      await sleep(pause, options.signal).catch((cause: unknown) => {
        throw new ProviderError('cancelled', 'Cancelled.', { cause });
      });
    }
  }
}

/** Milliseconds until the next try after the nth has failed; nothing where there is to be none. */
export function pauseAfter(failure: ProviderError, nth: number, method: Method): number | undefined {
  if (nth >= mostTries || !mayDoBetter(failure, method)) return undefined;
  return (failure.retryAfterMs ?? 0) + backOff(nth, pauseMs.base, pauseMs.max);
}

function mayDoBetter(failure: ProviderError, method: Method): boolean {
  if (failure instanceof Unreachable) return failure.passing;
  if (!isRepeatable(method)) return false;
  if (failure instanceof Refusal && failure.status === 429) {
    // One that says when is about speed, and so is one to a GET; any other may be about a limit, which stays.
    return method === 'GET' || failure.retryAfterMs !== undefined;
  }
  if (failure instanceof Refusal) return awayStatuses.has(failure.status);
  return failure.kind === 'network';
}
