import { describe, expect, it, vi } from 'vitest';
import { AccountFleet } from '../../../src/sandboxes/accountFleet.ts';
import { ProviderError } from '../../../src/sandboxes/errors.ts';
import { MemorySharing } from './memorySharing.ts';
import { firstLook, record, request, type ScriptedProvider } from './scriptedProvider.ts';
import { beforeEachWindow } from './scriptedWindows.ts';

let provider: ScriptedProvider;
let fleet: AccountFleet;

beforeEachWindow((window) => ({ fleet, provider } = window));

const tick = () => vi.advanceTimersByTimeAsync(0);
const states = () => fleet.view().sandboxes.map(({ id, state }) => `${id} ${state}`);

describe('a key that is refused', () => {
  const refused = new ProviderError('unauthorized', 'Unknown key');
  const look = async (visible: boolean) => {
    fleet.setVisible(visible);
    await tick();
  };
  const refuse = async () => {
    await look(true);
    provider.take('list').fail(refused);
    await tick();
  };

  it('is not tried again when somebody looks again, until the user wants to know', async () => {
    await refuse();
    for (const visible of [false, true, false, true]) await look(visible);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(provider.log).toEqual(['list']);
    expect(fleet.view().error).toBe(refused);
    void fleet.refresh();
    await tick();
    provider.take('list').answer([]);
    await tick();
    expect(fleet.view().error).toBeUndefined();
  });

  it('is not tried by opening the account again, either', async () => {
    const load = vi.fn().mockRejectedValue(refused);
    const account = new AccountFleet(
      { id: 'b', name: 'B', provider: 'test' },
      load,
      new MemorySharing().common(),
    );
    for (const visible of [true, false, true]) {
      account.setVisible(visible);
      await tick();
    }
    expect(load).toHaveBeenCalledTimes(1);
    account.retry();
    await tick();
    expect(load).toHaveBeenCalledTimes(2);
    account.dispose();
  });

  it('is forgotten when another one was given while nobody looked', async () => {
    await refuse();
    await look(false);
    fleet.retry();
    await tick();
    expect(provider.log).toEqual(['list']);
    await look(true);
    expect(provider.log).toEqual(['list', 'list']);
  });

  it('is forgotten when another one was given while it was being tried', async () => {
    await look(true);
    fleet.retry();
    provider.take('list').fail(refused);
    await tick();
    provider.take('list').answer([record('s', 'stopped')]);
    await tick();
    expect(fleet.view().error).toBeUndefined();
    expect(states()).toEqual(['s stopped']);
  });

  it('is known as soon as a command finds out, and nothing more is asked with it', async () => {
    await look(true);
    provider.take('list').answer([record('s', 'running'), record('t', 'resuming')]);
    await tick();
    provider.take('get s').answer(record('s', 'running'));
    await tick();
    const deleting = fleet.delete('s');
    await tick();
    const before = provider.log.length;
    provider.take('delete s').fail(refused);
    await expect(deleting).rejects.toBe(refused);
    expect(fleet.view().error).toBe(refused);
    expect(states()).toEqual(['s running', 't resuming']);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(provider.log.slice(before)).toEqual([]);
  });

  it('ends every wait for a sandbox, with the reason', async () => {
    void fleet.refresh();
    await tick();
    provider.take('list').answer([record('s', 'starting'), record('t', 'resuming')]);
    await tick();
    const ends = vi.fn();
    for (const id of ['s', 't']) fleet.settled(id).catch(ends);
    for (let second = 0; second < 60; second++) {
      await vi.advanceTimersByTimeAsync(1_000);
      for (const call of provider.calls.splice(0)) call.fail(refused);
    }
    expect(ends.mock.calls).toEqual([[refused], [refused]]);
    const before = provider.log.length;
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(provider.log.slice(before)).toEqual([]);
  });

  it('is known when a sandbox cannot be created with it', async () => {
    await firstLook(fleet, provider, []);
    const creating = fleet.create(request);
    await tick();
    provider.take('create').fail(refused);
    await expect(creating).rejects.toBe(refused);
    expect(fleet.view().error).toBe(refused);
  });
});
