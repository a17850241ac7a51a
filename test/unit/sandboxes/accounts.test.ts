import { setImmediate } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { accountActions } from '../../../src/sandboxes/accountActions.ts';
import { ProviderError } from '../../../src/sandboxes/errors.ts';
import { Fleet } from '../../../src/sandboxes/fleet.ts';
import { MemorySharing } from './memorySharing.ts';
import { ScriptedProvider } from './scriptedProvider.ts';

function fleetOf(...ids: string[]): Fleet {
  const fleet = new Fleet(async () => new MemorySharing());
  for (const id of ids) {
    const provider = id === 'local' ? 'local' : 'leap0';
    fleet.addAccount({ id, name: id, provider }, async () => new ScriptedProvider());
  }
  return fleet;
}

const order = (fleet: Fleet) => fleet.views().map(({ account }) => account.id);

it('keeps the order that the user gave the accounts, after that of this machine', () => {
  const fleet = fleetOf('local', 'a', 'b', 'c');
  fleet.orderAccounts(['c', 'a', 'b']);
  expect(order(fleet)).toEqual(['local', 'c', 'a', 'b']);
});

it('tells of an account that is gone, and knows nothing of it any more', () => {
  const fleet = fleetOf('local', 'a');
  let told = 0;
  fleet.onDidChange(() => told++);
  fleet.removeAccount('a');
  expect(order(fleet)).toEqual(['local']);
  expect(told).toBe(1);
  expect(() => fleet.account('a')).toThrow('There is no account a.');
});

it('lets go of all that an account was opened with when it is closed, replaced or opened too late', async () => {
  const fleet = fleetOf();
  const late = Promise.withResolvers<ScriptedProvider>();
  const [first, second, third] = [new ScriptedProvider(), new ScriptedProvider(), new ScriptedProvider()];
  const load = vi.fn(() => late.promise);
  load.mockResolvedValueOnce(first).mockResolvedValueOnce(second);
  fleet.addAccount({ id: 'a', name: 'A', provider: 'leap0' }, load);
  const { provider: open } = fleet.account('a');
  for (const provider of [first, second]) {
    expect(await open()).toBe(provider);
    fleet.reopen('a');
  }
  const opening = open();
  // Calls of theirs may be under way.
  expect([first.log, second.log]).toEqual([[], []]);
  fleet.removeAccount('a');
  late.resolve(third);
  await opening;
  expect([first.log, second.log, third.log]).toEqual([['dispose'], ['dispose'], ['dispose']]);
});

it('moves no account out of the list, and never signs out of this machine', () => {
  const views = fleetOf('local', 'a', 'b').views();
  const [local, first, last] = views.map((view) => accountActions(view, views));
  expect(local).toEqual(new Set());
  expect(first?.has('moveAccountUp')).toBe(false);
  expect(first?.has('moveAccountDown')).toBe(true);
  expect(last?.has('moveAccountDown')).toBe(false);
  expect(last?.has('signOut')).toBe(true);
});

it('reads a list again when another key was given, but only once somebody wants it', async () => {
  const fleet = fleetOf();
  const provider = new ScriptedProvider();
  fleet.addAccount({ id: 'a', name: 'A', provider: 'leap0' }, async () => provider);
  fleet.retry('a');
  await setImmediate();
  expect(provider.log).toEqual([]);
  const refused = fleet.account('a').freshen();
  await vi.waitFor(() => provider.take('list').fail(new ProviderError('unauthorized', 'bad key')));
  await refused;
  fleet.retry('a');
  await setImmediate();
  expect(provider.calls).toEqual([]);
  void fleet.account('a').freshen();
  await vi.waitFor(() => provider.take('list').answer([]));
  await vi.waitFor(() => expect(fleet.viewOf('a')).toMatchObject({ error: undefined, refreshing: false }));
  fleet.dispose();
});
