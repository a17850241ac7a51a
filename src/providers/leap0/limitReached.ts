import { advised, ProviderError } from '../../sandboxes/errors.ts';

/**
 * Says what to do about the limit of sandboxes. Leap0 answers 409 to a create beyond it, and 429 to a start or a
 * restore; a 429 that tells when to come back is about speed, and has its advice already. Source: leap0.md, "Account".
 */
export function explainLimit(call: 'create' | 'start' | 'restore', thrown: unknown): ProviderError {
  const failure = ProviderError.from(thrown);
  const isLimit =
    (failure.kind === 'rateLimited' && failure.retryAfterMs === undefined) ||
    (failure.kind === 'conflict' && call === 'create');
  if (!isLimit) return failure;
  return advised(
    failure,
    "The account's limit of sandboxes is reached: delete one that is paused or stopped, then try again.",
    { limitReached: true },
  );
}
