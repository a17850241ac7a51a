import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ProviderError } from '../../../src/sandboxes/errors.ts';
import { FreshLists } from '../../../src/sandboxes/freshLists.ts';

/** One call of the service, held until the test answers it. */
type Held = PromiseWithResolvers<readonly string[]>;

let lists: FreshLists<string>;
let calls: Held[];
let changes: number;

const read = () => {
  const call = Promise.withResolvers<readonly string[]>();
  calls.push(call);
  return call.promise;
};
const get = () => lists.get('key', read);
const refresh = () => lists.refresh('key', read);
const settled = () => vi.advanceTimersByTimeAsync(0);

async function failing(call: Held | undefined, error: ProviderError): Promise<void> {
  call?.reject(error);
  await settled();
}

beforeEach(() => {
  vi.useFakeTimers();
  lists = new FreshLists();
  calls = [];
  changes = 0;
  lists.onDidChange(() => changes++);
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a list that is read on demand', () => {
  it('is never read twice at once, however long it takes', async () => {
    const first = get();
    vi.advanceTimersByTime(60_000);
    const second = get();
    expect(calls).toHaveLength(1);
    calls[0]?.resolve(['a']);
    expect(await first).toEqual(['a']);
    expect(await second).toEqual(['a']);
  });

  it('is read once more after a reading that began before the change', async () => {
    const old = get();
    lists.forget('key');
    lists.forget('key');
    const fresh = [get(), get()];
    expect(calls).toHaveLength(1);
    calls[0]?.resolve(['old']);
    expect(await old).toEqual(['old']);
    await settled();
    expect(calls).toHaveLength(2);
    calls[1]?.resolve(['new']);
    expect(await Promise.all(fresh)).toEqual([['new'], ['new']]);
  });

  it('is read once more after a reading that has failed', async () => {
    const old = get();
    lists.forget('key');
    const fresh = get();
    const refused = expect(old).rejects.toThrow('down');
    await failing(calls[0], new ProviderError('network', 'down'));
    await refused;
    calls[1]?.resolve(['new']);
    expect(await fresh).toEqual(['new']);
  });

  it('is read although it is known when nothing that was read before will do', async () => {
    void get();
    calls[0]?.resolve(['old']);
    await settled();
    void get();
    expect(calls).toHaveLength(1);
    void refresh();
    expect(calls).toHaveLength(2);
  });

  it('is left alone after a failure for as long as the service asks, and then announced as changed', async () => {
    const failure = new ProviderError('rateLimited', 'slow down', { retryAfterMs: 20_000 });
    const first = expect(get()).rejects.toBe(failure);
    await failing(calls[0], failure);
    await first;
    await vi.advanceTimersByTimeAsync(19_000);
    await expect(get()).rejects.toBe(failure);
    expect(calls).toHaveLength(1);
    expect(changes).toBe(0);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(changes).toBe(1);
    void get();
    expect(calls).toHaveLength(2);
  });

  it('is read again after that time by a clock that is a little behind the timer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const failure = new ProviderError('rateLimited', 'slow down', { retryAfterMs: 20_000 });
    const first = expect(get()).rejects.toBe(failure);
    await failing(calls[0], failure);
    await first;
    await vi.advanceTimersByTimeAsync(20_000);
    expect(changes).toBe(1);
    void get();
    expect(calls).toHaveLength(2);
  });

  it('is read within that time when the user wants it', async () => {
    const failure = new ProviderError('rateLimited', 'slow down', { retryAfterMs: 20_000 });
    const first = expect(get()).rejects.toBe(failure);
    await failing(calls[0], failure);
    await first;
    void refresh();
    expect(calls).toHaveLength(2);
    calls[1]?.resolve(['a']);
    await settled();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(changes).toBe(0);
  });
});
