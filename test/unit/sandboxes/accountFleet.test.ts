import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AccountFleet } from '../../../src/sandboxes/accountFleet.ts';
import { ProviderError } from '../../../src/sandboxes/errors.ts';
import type { SandboxRecord } from '../../../src/sandboxes/sandbox.ts';
import { MemorySharing } from './memorySharing.ts';
import { firstLook, record, request, ScriptedProvider } from './scriptedProvider.ts';

let provider: ScriptedProvider;
let fleet: AccountFleet;
let opened: number;

beforeEach(() => {
  vi.useFakeTimers();
  opened = 0;
  provider = new ScriptedProvider();
  fleet = new AccountFleet(
    { id: 'a', name: 'A', provider: 'test' },
    async () => {
      opened++;
      return provider;
    },
    new MemorySharing().common(),
  );
});

afterEach(() => {
  fleet.dispose();
  vi.useRealTimers();
});

const tick = () => vi.advanceTimersByTimeAsync(0);
const states = () => fleet.view().sandboxes.map(({ id, state }) => `${id} ${state}`);

const listed = (...records: SandboxRecord[]) => firstLook(fleet, provider, records);

describe('looking', () => {
  it('opens nothing and asks nothing before somebody looks', async () => {
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(opened).toBe(0);
    expect(provider.log).toEqual([]);
  });

  it('leaves the details it has not read yet when nobody looks any more', async () => {
    fleet.setVisible(true);
    await tick();
    provider.take('list').answer(Array.from({ length: 20 }, (_, index) => record(`s${index}`, 'stopped')));
    await tick();
    fleet.setVisible(false);
    for (const call of provider.calls.splice(0)) call.answer(record(call.name.slice(4), 'stopped'));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(provider.log.length).toBeLessThanOrEqual(1 + 4);
  });

  it('asks nothing while nobody looks', async () => {
    fleet.setVisible(true);
    await tick();
    provider.take('list').answer([]);
    await tick();
    fleet.setVisible(false);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(provider.log).toEqual(['list']);
  });

  it('reads the list again every 30 seconds while somebody looks', async () => {
    fleet.setVisible(true);
    await tick();
    provider.take('list').answer([]);
    await vi.advanceTimersByTimeAsync(29_000);
    expect(provider.log).toEqual(['list']);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(provider.log).toEqual(['list', 'list']);
  });

  it('reads a longer list less often', async () => {
    fleet.setVisible(true);
    await tick();
    provider.take('list').answer(Array.from({ length: 250 }, (_, index) => record(`s${index}`, 'stopping')));
    await tick();
    const lists = () => provider.log.filter((call) => call === 'list').length;
    await vi.advanceTimersByTimeAsync(89_000);
    expect(lists()).toBe(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(lists()).toBe(2);
  });

  it('never runs two refreshes at once', async () => {
    const both = [fleet.refresh(), fleet.refresh()];
    await tick();
    provider.take('list').answer([]);
    await Promise.all(both);
    expect(provider.log).toEqual(['list']);
  });

  it('tells the provider which sandboxes it would take for gone', async () => {
    await listed(record('s', 'running'), record('t', 'running'));
    void fleet.refresh();
    await tick();
    expect(provider.known).toEqual(['s', 't']);
  });

  it('fetches once what a list does not carry, and again after a change of state', async () => {
    await listed(record('s', 'running'));
    const again = async (state: 'running' | 'paused') => {
      const refresh = fleet.refresh();
      await tick();
      provider.take('list').answer([record('s', state)]);
      await refresh;
      await tick();
    };
    await again('running');
    expect(provider.log).toEqual(['list', 'get s', 'list']);
    await again('paused');
    expect(provider.log).toEqual(['list', 'get s', 'list', 'list', 'get s']);
  });
});

describe('a failed refresh', () => {
  const fail = async (error: Error) => {
    const refresh = fleet.refresh();
    await tick();
    provider.take('list').fail(error);
    await refresh;
  };

  it('keeps the last good list and tells why it is old', async () => {
    await listed(record('s', 'running'));
    await fail(new ProviderError('network', 'gone'));
    expect(states()).toEqual(['s running']);
    expect(fleet.view().error?.message).toBe('gone');
  });

  it('is tried again with growing delays, and not before the time the service asked for', async () => {
    fleet.setVisible(true);
    await tick();
    provider.take('list').fail(new ProviderError('unavailable', 'busy', { retryAfterMs: 20_000 }));
    await vi.advanceTimersByTimeAsync(19_000);
    expect(provider.log).toEqual(['list']);
    await vi.advanceTimersByTimeAsync(1_500);
    expect(provider.log).toEqual(['list', 'list']);
  });

  it('is tried again within minutes, whatever the service asks for', async () => {
    fleet.setVisible(true);
    await tick();
    provider.take('list').fail(new ProviderError('rateLimited', 'wait', { retryAfterMs: 1.7e12 }));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(provider.log).toEqual(['list']);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(provider.log).toEqual(['list', 'list']);
  });

  it('opens the account anew when opening it was what failed', async () => {
    const load = vi.fn().mockRejectedValueOnce(new Error('no')).mockResolvedValueOnce(provider);
    const account = new AccountFleet(
      { id: 'b', name: 'B', provider: 'test' },
      load,
      new MemorySharing().common(),
    );
    await account.refresh();
    expect(account.view().error?.message).toBe('no');
    const refresh = account.refresh();
    await tick();
    provider.take('list').answer([]);
    await refresh;
    expect(account.view().error).toBeUndefined();
    account.dispose();
  });
});

describe('a command', () => {
  it('shows its transition at once and the answer when it comes', async () => {
    await listed(record('s', 'running'));
    const pausing = fleet.change('s', 'pause');
    await tick();
    expect(states()).toEqual(['s pausing']);
    provider.take('pause s').answer(record('s', 'paused'));
    await pausing;
    expect(states()).toEqual(['s paused']);
  });

  it('is taken back with its reason when it fails, and the truth is asked for', async () => {
    await listed(record('s', 'running'));
    const pausing = fleet.change('s', 'pause');
    await tick();
    provider.take('pause s').fail(new ProviderError('conflict', 'in transition'));
    await expect(pausing).rejects.toThrow('in transition');
    expect(states()).toEqual(['s running']);
    await tick();
    provider.take('get s').answer(record('s', 'stopping'));
    await tick();
    expect(states()).toEqual(['s stopping']);
  });

  it('is refused in a state that does not allow it, before anything is sent', async () => {
    await listed(record('s', 'stopped'));
    await expect(fleet.change('s', 'pause')).rejects.toMatchObject({ kind: 'conflict' });
    expect(provider.log).not.toContain('pause s');
  });

  it('is refused while another one is under way for the same sandbox', async () => {
    await listed(record('s', 'running'));
    const first = fleet.change('s', 'pause');
    await tick();
    await expect(fleet.change('s', 'pause')).rejects.toMatchObject({ kind: 'conflict' });
    provider.take('pause s').answer(record('s', 'paused'));
    await first;
  });

  it('on a sandbox that was deleted elsewhere says so and drops its row', async () => {
    await listed(record('s', 'running'));
    const pausing = fleet.change('s', 'pause');
    await tick();
    provider.take('pause s').fail(new ProviderError('notFound', 'no such sandbox'));
    await expect(pausing).rejects.toMatchObject({ kind: 'notFound' });
    expect(states()).toEqual([]);
  });

  it('to delete what is gone already has reached its end', async () => {
    await listed(record('s', 'running'));
    const deleting = fleet.delete('s');
    await tick();
    provider.take('delete s').fail(new ProviderError('notFound', 'no such sandbox'));
    await deleting;
    expect(states()).toEqual([]);
  });
});

describe('an answer that is older than a change made here', () => {
  it('does not bring back a sandbox that was deleted meanwhile', async () => {
    await listed(record('s', 'running'));
    const refresh = fleet.refresh();
    await tick();
    const list = provider.take('list');
    const deleting = fleet.delete('s');
    await tick();
    provider.take('delete s').answer();
    await deleting;
    list.answer([record('s', 'running')]);
    await refresh;
    expect(states()).toEqual([]);
  });

  it('does not drop a sandbox that was created meanwhile', async () => {
    await listed();
    const refresh = fleet.refresh();
    await tick();
    const list = provider.take('list');
    const creating = fleet.create(request);
    await tick();
    provider.take('create').answer(record('new', 'running'));
    await creating;
    list.answer([]);
    await refresh;
    expect(states()).toEqual(['new running']);
  });

  it('does not take back a pause', async () => {
    await listed(record('s', 'running'));
    const refresh = fleet.refresh();
    await tick();
    const list = provider.take('list');
    const pausing = fleet.change('s', 'pause');
    await tick();
    provider.take('pause s').answer(record('s', 'paused'));
    await pausing;
    list.answer([record('s', 'running')]);
    await refresh;
    expect(states()).toEqual(['s paused']);
  });
});

describe('an account that was closed', () => {
  const show = async (...records: SandboxRecord[]) => {
    fleet.setVisible(true);
    await tick();
    provider.take('list').answer(records);
    await tick();
  };

  it('asks nothing more, whatever was under way', async () => {
    await show(record('s', 'stopping'));
    void fleet.refresh();
    await tick();
    const { length } = provider.log;
    fleet.dispose();
    provider.take('list').answer([record('s', 'stopping'), record('t', 'starting')]);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(provider.log.slice(length)).toEqual(['dispose']);
  });

  it('lets nobody wait for what it would have had to ask', async () => {
    await show(record('s', 'stopping'));
    const outcome = expect(fleet.settled('s')).rejects.toMatchObject({ kind: 'cancelled' });
    await tick();
    fleet.dispose();
    await outcome;
    await expect(fleet.settled('s')).rejects.toMatchObject({ kind: 'cancelled' });
  });
});
