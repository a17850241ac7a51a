import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Fleet } from '../../../src/sandboxes/fleet.ts';
import type { SandboxRecord } from '../../../src/sandboxes/sandbox.ts';
import { MemorySharing } from './memorySharing.ts';
import { record, ScriptedProvider } from './scriptedProvider.ts';
import { tick } from './scriptedWindows.ts';

let sharing: MemorySharing;
const fleets: Fleet[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  sharing = new MemorySharing();
});

afterEach(() => {
  for (const fleet of fleets.splice(0)) fleet.dispose();
  vi.useRealTimers();
});

/** A window whose account `a` is read from this service. */
function open(service: string) {
  const fleet = new Fleet(async () => sharing);
  fleets.push(fleet);
  const provider = new ScriptedProvider();
  fleet.addAccount(
    { id: 'a', name: 'A', provider: 'test' },
    async () => provider,
    async () => service,
  );
  const read = async (...records: SandboxRecord[]) => {
    const refresh = fleet.refresh();
    await tick();
    provider.take('list').answer(records);
    await refresh;
  };
  const names = () => fleet.views().flatMap(({ sandboxes }) => sandboxes.map(({ name }) => name));
  return { fleet, provider, read, names };
}

describe('an account that is read from another service by now', () => {
  it('takes nothing from a window that still reads the old one', async () => {
    const [old, later] = [open('/old'), open('/new')];
    for (const { fleet } of [old, later]) fleet.setVisible(true);
    await tick();
    old.provider.take('list').answer([record('s', 'stopped')]);
    later.provider.take('list').answer([record('t', 'stopped')]);
    await tick();
    expect([old.names(), later.names()]).toEqual([['s'], ['t']]);
  });

  it('has its names again when it is back at the first one', async () => {
    const first = open('/old');
    await first.read(record('s', 'running'));
    const [sandbox] = first.fleet.views().flatMap(({ sandboxes }) => sandboxes);
    if (sandbox) await first.fleet.rename(sandbox, 'mine');
    await tick();
    const second = open('/new');
    for (let lists = 0; lists < 3; lists++) await second.read();
    const third = open('/old');
    await third.read(record('s', 'running'));
    expect(third.names()).toEqual(['mine']);
  });

  it('keeps the names of what a service has left out of its lists', async () => {
    const { fleet, read, names } = open('/old');
    await read(record('s', 'running'));
    const [sandbox] = fleet.views().flatMap(({ sandboxes }) => sandboxes);
    if (sandbox) await fleet.rename(sandbox, 'mine');
    for (let lists = 0; lists < 3; lists++) await read();
    await read(record('s', 'running'));
    expect(names()).toEqual(['mine']);
  });
});
