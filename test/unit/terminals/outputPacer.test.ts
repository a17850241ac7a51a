import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { OutputPacer } from '../../../src/terminals/outputPacer.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const kib = 1024;
/** What a terminal is given in a tick, when it is one long line. */
const perTick = 64 * kib;
const tickMs = 20;

/** A pacer, what has come out of it, and whether its source is paused. */
function start() {
  const state = { text: '', isPaused: false };
  const source = { pause: () => (state.isPaused = true), resume: () => (state.isPaused = false) };
  const pacer = new OutputPacer(source, (bytes) => (state.text += Buffer.from(bytes).toString('latin1')));
  const push = (text: string) => pacer.push(Buffer.from(text, 'latin1'));
  return { state, pacer, push };
}

/** Text in which every place is another. */
const numbered = (length: number) =>
  Array.from({ length: Math.ceil(length / 8) }, (_, index) => String(index).padStart(8, '0'))
    .join('')
    .slice(0, length);

it('hands on at once what comes after a rest', () => {
  const { state, push } = start();
  push('a');
  push('b');
  expect(state.text).toBe('ab');
  vi.advanceTimersByTime(10 * tickMs);
  push('c');
  expect(state.text).toBe('abc');
});

it('hands on no more in a tick than its budget, and all of it in order', () => {
  const { state, push } = start();
  const text = numbered(5 * perTick + 1);
  for (let at = 0; at < text.length; at += 10_000) push(text.slice(at, at + 10_000));
  for (const ticks of [1, 2, 3, 4, 5]) {
    expect(state.text.length).toBe(ticks * perTick);
    vi.advanceTimersByTime(tickMs);
  }
  expect(state.text === text).toBe(true);
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(tickMs);
  expect(vi.getTimerCount()).toBe(0);
});

it('hands on fewer bytes of short lines than of long ones, for a terminal scrolls at each', () => {
  const { state, push } = start();
  push('y\r\n'.repeat(perTick));
  expect(state.text.length).toBeLessThan(perTick / 4);
  expect(state.text.length).toBeGreaterThan(perTick / 8);
});

it('pauses its source while more waits than a tick is enough for, and lets it go on before nothing waits', () => {
  const { state, push } = start();
  push('x'.repeat(perTick));
  push('x'.repeat(64 * kib));
  expect(state.isPaused).toBe(false);
  push('x'.repeat(perTick));
  expect(state.isPaused).toBe(true);
  vi.advanceTimersByTime(tickMs);
  expect(state.isPaused).toBe(true);
  vi.advanceTimersByTime(tickMs);
  expect(state.isPaused).toBe(false);
});

it('hands on everything that waits when its source ends, and nothing after', () => {
  const { state, pacer, push } = start();
  const text = numbered(20 * perTick);
  push(text);
  expect(state.isPaused).toBe(true);
  pacer.end();
  expect(state.text === text).toBe(true);
  push('late');
  expect(state.text === text).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

it('bounds what waits, however long a source goes on that stops when it is paused', () => {
  const { state, push } = start();
  let sent = 0;
  let most = 0;
  for (let tick = 0; tick < 500; tick++) {
    for (let frame = 0; frame < 20 && !state.isPaused; frame++) {
      push('y\r\n'.repeat(10_000));
      sent += 30_000;
    }
    most = Math.max(most, sent - state.text.length);
    vi.advanceTimersByTime(tickMs);
  }
  expect(most).toBeLessThan(128 * kib);
  expect(state.text.length).toBeGreaterThan(500 * 10 * kib);
});
