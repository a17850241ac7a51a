import { describe, expect, it } from 'vitest';
import { retryAfterMs } from '../../../src/net/retryAfter.ts';

describe('Retry-After', () => {
  const now = 'Wed, 21 Oct 2026 07:28:00 GMT';

  it.each([
    ['7', 7_000],
    [' 0 ', 0],
    ['Wed, 21 Oct 2026 07:28:30 GMT', 30_000],
    ['Wednesday, 21-Oct-26 07:28:30 GMT', 30_000],
    ['Wed, 21 Oct 2026 07:00:00 GMT', 0],
    ['999999999999', 3_600_000],
    ['Wed, 21 Oct 2037 07:28:00 GMT', 3_600_000],
    ['', undefined],
    ['-5', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['Soon, 5', undefined],
  ])('%j is %s ms', (header, expected) => {
    expect(retryAfterMs(header, now)).toBe(expected);
  });

  it("counts from this machine's clock when the service tells no time of its own", () => {
    const inAMinute = new Date(Date.now() + 60_000).toUTCString();
    expect(retryAfterMs(inAMinute, undefined)).toBeGreaterThan(50_000);
    expect(retryAfterMs(inAMinute, undefined)).toBeLessThanOrEqual(60_000);
  });
});
