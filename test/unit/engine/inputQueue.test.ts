import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { InputQueue } from '../../../src/engine/pty/inputQueue.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const again = () => Object.assign(new Error('busy'), { code: 'EAGAIN' });

/** A terminal that takes so many bytes and then none until it is given room again. */
function terminal(room: number) {
  const state = { room, taken: '', calls: 0, drained: 0 };
  const queue = new InputQueue(
    (bytes) => {
      state.calls += 1;
      if (state.room === 0) throw again();
      const count = Math.min(state.room, bytes.length);
      state.taken += bytes.subarray(0, count).toString();
      state.room -= count;
      return count;
    },
    () => (state.drained += 1),
  );
  return { state, queue };
}

it('writes nothing before it is opened, and everything in order then', () => {
  const { state, queue } = terminal(100);
  queue.push(Buffer.from('one '));
  queue.push(Buffer.from('two'));
  expect(state.calls).toBe(0);
  expect(queue.backlog).toBe(7);
  queue.open();
  expect(state).toMatchObject({ taken: 'one two', drained: 1 });
  expect(queue.backlog).toBe(0);
});

it('waits, ever longer, for a terminal that takes nothing, and loses nothing', () => {
  const { state, queue } = terminal(3);
  queue.open();
  queue.push(Buffer.from('abcdef'));
  queue.push(Buffer.from('ghi'));
  expect(state.taken).toBe('abc');
  expect(queue.backlog).toBe(6);
  vi.advanceTimersByTime(10_000);
  expect(state.calls).toBeLessThan(400);
  state.room = 100;
  vi.advanceTimersByTime(50);
  expect(state.taken).toBe('abcdefghi');
});

it('writes no more once it is closed', () => {
  const { state, queue } = terminal(0);
  queue.open();
  queue.push(Buffer.from('lost'));
  queue.close();
  state.room = 100;
  queue.push(Buffer.from('too late'));
  vi.advanceTimersByTime(1000);
  expect(state.taken).toBe('');
  expect(queue.backlog).toBe(0);
});
