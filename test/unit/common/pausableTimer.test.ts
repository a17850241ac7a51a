import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PausableTimer } from '../../../src/common/pausableTimer.ts';

describe('a time-out that can be paused', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('counts only the time in which it runs, and comes once', () => {
    const due = vi.fn();
    const timer = new PausableTimer(1000, due);
    vi.advanceTimersByTime(600);
    timer.pause();
    timer.pause();
    vi.advanceTimersByTime(5000);
    timer.resume();
    timer.resume();
    vi.advanceTimersByTime(399);
    expect(due).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(due).toHaveBeenCalledTimes(1);
    timer.pause();
    timer.resume();
    vi.advanceTimersByTime(5000);
    expect(due).toHaveBeenCalledTimes(1);
  });

  it('never comes once it was cleared, paused or not', () => {
    const due = vi.fn();
    const [running, paused] = [new PausableTimer(1000, due), new PausableTimer(1000, due)];
    paused.pause();
    for (const timer of [running, paused]) timer.clear();
    paused.resume();
    vi.advanceTimersByTime(5000);
    expect(due).not.toHaveBeenCalled();
  });
});
