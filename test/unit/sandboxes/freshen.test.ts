import { describe, expect, it, vi } from 'vitest';
import type { AccountFleet } from '../../../src/sandboxes/accountFleet.ts';
import { ProviderError } from '../../../src/sandboxes/errors.ts';
import { record, type ScriptedProvider } from './scriptedProvider.ts';
import { beforeEachWindow, tick } from './scriptedWindows.ts';

let provider: ScriptedProvider;
let fleet: AccountFleet;

beforeEachWindow((window) => ({ fleet, provider } = window));

describe('a list that is wanted fresh, though nobody looks', () => {
  const freshen = async (answer: (list: ReturnType<ScriptedProvider['take']>) => void) => {
    const freshening = fleet.freshen();
    await tick();
    for (const call of provider.calls.splice(0)) answer(call);
    await freshening;
  };
  const lists = () => provider.log.filter((call) => call === 'list').length;
  const ids = () => fleet.view().sandboxes.map(({ id }) => id);
  const refused = new ProviderError('unauthorized', 'bad key');

  it('is read when it is old, and only then', async () => {
    await freshen((list) => list.answer([record('s', 'running')]));
    expect(ids()).toEqual(['s']);
    await freshen((list) => list.answer([]));
    expect(lists()).toBe(1);
    await vi.advanceTimersByTimeAsync(31_000);
    await freshen((list) => list.answer([]));
    expect(ids()).toEqual([]);
  });

  it('is not asked for before the time that the service named', async () => {
    const busy = new ProviderError('rateLimited', 'slow', { retryAfterMs: 60_000 });
    for (let times = 0; times < 10; times++) await freshen((list) => list.fail(busy));
    expect(lists()).toBe(1);
    await vi.advanceTimersByTimeAsync(61_000);
    await freshen((list) => list.answer([record('s', 'running')]));
    expect(ids()).toEqual(['s']);
  });

  it('is tried again ever more slowly while the service cannot be reached', async () => {
    for (let second = 0; second < 60; second++) {
      await freshen((list) => list.fail(new ProviderError('network', 'down')));
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(lists()).toBeGreaterThan(2);
    expect(lists()).toBeLessThan(12);
  });

  it('is not asked for with a key that was refused, unless the user wants it', async () => {
    for (let times = 0; times < 10; times++) {
      await freshen((list) => list.fail(refused));
      await vi.advanceTimersByTimeAsync(3_600_000);
    }
    expect(lists()).toBe(1);
    const refresh = fleet.refresh();
    await tick();
    provider.take('list').answer([record('s', 'running')]);
    await refresh;
    expect(ids()).toEqual(['s']);
    await vi.advanceTimersByTimeAsync(31_000);
    await freshen((list) => list.answer([]));
    expect(lists()).toBe(3);
  });
});
