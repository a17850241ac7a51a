import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Refusal } from '../../../src/net/failure.ts';
import { pauseAfter, persist } from '../../../src/net/retry.ts';
import { Unreachable } from '../../../src/net/unreachable.ts';
import { ProviderError } from '../../../src/sandboxes/errors.ts';

const refusal = (status: number, retryAfterMs?: number) => new Refusal(status, 'no', { retryAfterMs });
const broken = new ProviderError('network', 'broken');
const refused = new Unreachable('network', 'refused', { passing: true });
const untrusted = new Unreachable('network', 'untrusted', { passing: false });

describe('another try', () => {
  it.each<[string, ProviderError, boolean, boolean]>([
    ['429 that says when', refusal(429, 0), true, false],
    ['429 that does not', refusal(429), false, false],
    ['500', refusal(500), false, false],
    ['502', refusal(502), true, false],
    ['503', refusal(503), true, false],
    ['503 that says when', refusal(503, 1_000), true, false],
    ['504', refusal(504), true, false],
    ['401', refusal(401), false, false],
    ['409', refusal(409), false, false],
    ['a connection that broke', broken, true, false],
    ['a connection that was refused', refused, true, true],
    ['a connection that will be refused again', untrusted, false, false],
    ['a time-out', new ProviderError('timeout', 'late'), false, false],
    ['an answer that is not understood', new ProviderError('protocol', 'what'), false, false],
    ['a cancellation', new ProviderError('cancelled', 'stop'), false, false],
  ])('after %s: a call that is harmless to repeat, and one that is not', (_, failure, harmless, harmful) => {
    expect(pauseAfter(failure, 1, 'DELETE') !== undefined).toBe(harmless);
    expect(pauseAfter(failure, 1, 'POST') !== undefined).toBe(harmful);
  });

  it('after a 429 that does not say when is made of a call that only reads: it meets no limit', () => {
    expect(pauseAfter(refusal(429), 1, 'GET')).toBeDefined();
  });

  it('is made three times at most', () => {
    expect([1, 2, 3, 4].map((nth) => pauseAfter(broken, nth, 'GET') !== undefined)).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  it('waits longer each time, and not the same for all', () => {
    const pauses = Array.from({ length: 50 }, () => pauseAfter(broken, 1, 'GET'));
    expect(new Set(pauses).size).toBeGreaterThan(1);
    expect(Math.min(...pauses.map((pause) => pause ?? 0))).toBeGreaterThanOrEqual(150);
    expect(pauseAfter(broken, 3, 'GET')).toBeGreaterThanOrEqual(600);
  });

  it('never comes before the service asked for it', () => {
    expect(pauseAfter(refusal(429, 5_000), 1, 'GET')).toBeGreaterThanOrEqual(5_000);
  });
});

describe('persistence', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const options = { method: 'GET', timeoutMs: 60_000 } as const;

  it('ends with the first success', async () => {
    const send = vi.fn(async (nth: number) => (nth < 3 ? Promise.reject(broken) : nth));
    const sent = persist(send, options);
    await vi.runAllTimersAsync();
    expect(await sent).toBe(3);
    expect(send).toHaveBeenCalledTimes(3);
  });

  it('ends with the last failure, unchanged', async () => {
    const send = vi.fn(async () => Promise.reject(broken));
    const sent = expect(persist(send, options)).rejects.toBe(broken);
    await vi.runAllTimersAsync();
    await sent;
    expect(send).toHaveBeenCalledTimes(4);
  });

  it.each([
    ["the caller's time-out", 200, 250],
    ['our own patience', 60_000, 20_000],
  ])('does not wait beyond %s', async (_, timeoutMs, wanted) => {
    const send = vi.fn(async () => Promise.reject(refusal(429, wanted)));
    await expect(persist(send, { method: 'GET', timeoutMs })).rejects.toMatchObject({
      retryAfterMs: wanted,
    });
    expect(send).toHaveBeenCalledTimes(1);
  });

  it('ends at once when the caller cancels while it waits', async () => {
    const controller = new AbortController();
    const send = vi.fn(async () => Promise.reject(broken));
    const sent = expect(persist(send, { ...options, signal: controller.signal })).rejects.toMatchObject({
      kind: 'cancelled',
    });
    await vi.advanceTimersByTimeAsync(50);
    controller.abort();
    await sent;
    expect(send).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});
