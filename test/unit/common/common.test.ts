import { describe, expect, it, vi } from 'vitest';
import { untilAborted } from '../../../src/common/abort.ts';
import { DisposableStore } from '../../../src/common/disposable.ts';
import { Emitter } from '../../../src/common/event.ts';
import { Latest } from '../../../src/common/latest.ts';
import { once } from '../../../src/common/once.ts';
import { Redactor } from '../../../src/common/redactor.ts';
import { forEachOf } from '../../../src/common/pool.ts';
import { enumerate, plain } from '../../../src/common/text.ts';
import { backOff, sleep } from '../../../src/common/time.ts';

describe('what is done once', () => {
  it('is done again at the next call after it has failed, or was forgotten', async () => {
    const task = vi.fn(async () => task.mock.calls.length).mockRejectedValueOnce(new Error('offline'));
    const run = once(task);
    await expect(run()).rejects.toThrow('offline');
    expect([await run(), await run()]).toEqual([2, 2]);
    run.forget();
    expect(await run()).toBe(3);
  });

  it('stays done when an earlier time, forgotten since, fails after all', async () => {
    const first = Promise.withResolvers<string>();
    const task = vi.fn(async () => 'new').mockReturnValueOnce(first.promise);
    const run = once(task);
    const old = run();
    run.forget();
    await run();
    first.reject(new Error('offline'));
    await expect(old).rejects.toThrow('offline');
    expect(await run()).toBe('new');
    expect(task).toHaveBeenCalledTimes(2);
  });
});

describe('an emitter', () => {
  it('tells the others when one listener throws, and lets whoever fires go on, but hides no error', async () => {
    const emitter = new Emitter<number>();
    const heard = vi.fn();
    emitter.event(() => {
      throw new Error('mine');
    });
    emitter.event(heard);
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    try {
      const uncaught = new Promise((resolve) => process.once('uncaughtException', resolve));
      emitter.fire(1);
      expect(heard).toHaveBeenCalledWith(1);
      await expect(uncaught).resolves.toMatchObject({ message: 'mine' });
    } finally {
      for (const other of others) process.on('uncaughtException', other);
    }
  });

  it('keeps two subscriptions of one function apart', () => {
    const emitter = new Emitter<number>();
    const heard = vi.fn();
    const first = emitter.event(heard);
    emitter.event(heard);
    first.dispose();
    emitter.fire(1);
    expect(heard).toHaveBeenCalledTimes(1);
  });
});

it('a store disposes in reverse order, and at once what comes late', () => {
  const order: string[] = [];
  const store = new DisposableStore();
  for (const name of ['a', 'b']) store.add({ dispose: () => order.push(name) });
  store.dispose();
  store.add({ dispose: () => order.push('late') });
  expect(order).toEqual(['b', 'a', 'late']);
});

it('of many values asked for while one is handled, only the last is handled after it', async () => {
  const handled: number[] = [];
  let release = () => {};
  const latest = new Latest<number>(async (value) => {
    handled.push(value);
    await new Promise<void>((resolve) => (release = resolve));
  });
  for (const value of [1, 2, 3, 4]) latest.run(value);
  release();
  await vi.waitFor(() => expect(handled).toEqual([1, 4]));
  release();
});

it('a sleep ends as soon as it is aborted, also when it was before', async () => {
  const controller = new AbortController();
  const asleep = sleep(60_000, controller.signal);
  controller.abort(new Error('enough'));
  await expect(asleep).rejects.toThrow('enough');
  await expect(sleep(60_000, controller.signal)).rejects.toThrow('enough');
});

it('a back-off doubles, differs between callers, and has an upper bound', () => {
  const delays = Array.from({ length: 200 }, () => backOff(3, 1000, 60_000));
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(2000);
  expect(Math.max(...delays)).toBeLessThanOrEqual(4000);
  expect(new Set(delays).size).toBeGreaterThan(1);
  expect(backOff(99, 1000, 60_000)).toBeLessThanOrEqual(60_000);
});

it('no secret passes the redactor, neither a known one nor one that looks like one', () => {
  const redactor = new Redactor();
  redactor.hide('s3cret-token');
  expect(redactor.clean('GET /x?key=s3cret-token authorization: Bearer abc.def-1=')).toBe(
    'GET /x?key=••• authorization: Bearer •••',
  );
});

it('a secret is masked whole, even when it begins like another one', () => {
  const redactor = new Redactor();
  redactor.hide('postgres');
  redactor.hide('postgres://user:password@host');
  expect(redactor.clean('postgres at postgres://user:password@host')).toBe('••• at •••');
});

it('text from outside cannot start a line, steer a terminal or turn the direction of writing', () => {
  expect(plain('a\r\n\u001b[2Jb\u202e\u0007')).toBe('a [2Jb');
});

it('names a few, and counts the rest', () => {
  expect(enumerate([])).toBe('');
  expect(enumerate(['a'])).toBe('a');
  expect(enumerate(['a', 'b'])).toBe('a and b');
  expect(enumerate(['a', 'b', 'c'])).toBe('a, b and c');
  expect(enumerate(['a', 'b', 'c', 'd'], 2)).toBe('a, b and 2 more');
});

describe('a pool', () => {
  it('does everything, in order and only so many at once', async () => {
    const begun: number[] = [];
    let running = 0;
    let most = 0;
    await forEachOf([1, 2, 3, 4, 5], 2, async (item) => {
      begun.push(item);
      most = Math.max(most, ++running);
      await sleep(1);
      running--;
    });
    expect(begun).toEqual([1, 2, 3, 4, 5]);
    expect(most).toBe(2);
  });

  it('begins nothing more after the signal, and waits for what has begun', async () => {
    const stop = new AbortController();
    const ended: number[] = [];
    const task = async (item: number) => {
      if (item === 2) stop.abort();
      await sleep(1);
      ended.push(item);
    };
    await forEachOf([1, 2, 3, 4], 2, task, stop.signal);
    expect(ended).toEqual([1, 2]);
  });
});

describe('waiting until a signal', () => {
  it('ends with the task, or with the reason of the signal when that comes first', async () => {
    const { signal } = new AbortController();
    expect(await untilAborted(Promise.resolve(1), signal)).toBe(1);
    await expect(untilAborted(Promise.reject(new Error('task')), signal)).rejects.toThrow('task');
    const stop = new AbortController();
    const waiting = untilAborted(new Promise(() => {}), stop.signal);
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(untilAborted(new Promise(() => {}), stop.signal)).rejects.toThrow('enough');
  });
});
