/** A wait beyond this is no wait for a person, and a timer would not hold a much longer one. */
const longestMs = 60 * 60 * 1000;

/**
 * Milliseconds to wait by a `Retry-After` header, at most an hour: seconds, or the moment as an HTTP date
 * (RFC 9110, section 10.2.3). Nothing where there is none, or one that is neither.
 * @param now The moment of the answer by the service's own clock, its `Date`, as far as it tells it.
 */
export function retryAfterMs(header: string | undefined, now: string | undefined): number | undefined {
  const value = header?.trim() ?? '';
  if (/^\d+$/.test(value)) return Math.min(Number(value) * 1000, longestMs);
  // `Date.parse` finds a year in almost any text, so what has not the shape of a date is left out.
  if (!/^[A-Z][a-z]{2,8}, .+ GMT$/.test(value)) return undefined;
  const moment = Date.parse(value);
  if (Number.isNaN(moment)) return undefined;
  const started = Date.parse(now ?? '') || Date.now();
  return Math.min(Math.max(moment - started, 0), longestMs);
}
