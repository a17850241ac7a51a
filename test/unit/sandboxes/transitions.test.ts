import { describe, expect, it, vi } from 'vitest';
import type { AccountFleet } from '../../../src/sandboxes/accountFleet.ts';
import { ProviderError } from '../../../src/sandboxes/errors.ts';
import type { SandboxRecord, SandboxState } from '../../../src/sandboxes/sandbox.ts';
import { firstLook, record, request, type ScriptedProvider } from './scriptedProvider.ts';
import { beforeEachWindow } from './scriptedWindows.ts';

let provider: ScriptedProvider;
let fleet: AccountFleet;

beforeEachWindow((window) => ({ fleet, provider } = window));

const tick = () => vi.advanceTimersByTimeAsync(0);
const states = () => fleet.view().sandboxes.map(({ id, state }) => `${id} ${state}`);

const listed = (...records: SandboxRecord[]) => firstLook(fleet, provider, records);

describe('a transition', () => {
  it('is followed for that sandbox alone, ever more slowly, until it is over', async () => {
    fleet.setVisible(true);
    await tick();
    provider.take('list').answer([record('s', 'starting'), record('t', 'stopped')]);
    await tick();
    provider.take('get t').answer(record('t', 'stopped'));
    await vi.advanceTimersByTimeAsync(1_000);
    provider.take('get s').answer(record('s', 'starting'));
    await vi.advanceTimersByTimeAsync(1_400);
    expect(provider.calls).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    provider.take('get s').answer(record('s', 'running'));
    await vi.advanceTimersByTimeAsync(20_000);
    expect(provider.log.filter((call) => call === 'get s')).toHaveLength(2);
    expect(states()).toEqual(['s running', 't stopped']);
  });

  it('can be waited for when nobody looks', async () => {
    const creating = fleet.create(request);
    await tick();
    provider.take('create').answer(record('s', 'starting'));
    await creating;
    const settled = fleet.settled('s');
    await vi.advanceTimersByTimeAsync(1_000);
    provider.take('get s').answer(record('s', 'running'));
    expect((await settled)?.state).toBe('running');
  });

  it('stops being waited for when the user cancels', async () => {
    await listed(record('s', 'running'));
    const refresh = fleet.refresh();
    await tick();
    provider.take('list').answer([record('s', 'starting')]);
    await refresh;
    const controller = new AbortController();
    const settled = fleet.settled('s', controller.signal);
    const outcome = expect(settled).rejects.toMatchObject({ kind: 'cancelled' });
    controller.abort(new ProviderError('cancelled', 'Cancelled.'));
    await outcome;
  });

  it('ends with the reason when the sandbox cannot be read any more', async () => {
    const creating = fleet.create(request);
    await tick();
    provider.take('create').answer(record('s', 'starting'));
    await creating;
    const outcome = expect(fleet.settled('s')).rejects.toThrow('down');
    for (let failure = 0; failure < 5; failure++) {
      await vi.advanceTimersByTimeAsync(10_000);
      provider.take('get s').fail(new ProviderError('network', 'down'));
    }
    await outcome;
  });
});

describe('to delete a sandbox', () => {
  it.each<SandboxState>(['starting', 'pausing', 'deleting'])(
    'is possible where its service has left it: %s',
    async (state) => {
      await listed(record('s', 'running'));
      const refresh = fleet.refresh();
      await tick();
      provider.take('list').answer([record('s', state)]);
      await refresh;
      const deleting = fleet.delete('s');
      await tick();
      expect(states()).toEqual(['s deleting']);
      provider.take('delete s').answer();
      await deleting;
      expect(states()).toEqual([]);
    },
  );

  it('is possible while another command is under way, which does not bring it back', async () => {
    await listed(record('s', 'running'));
    const pausing = fleet.change('s', 'pause');
    await tick();
    const deleting = fleet.delete('s');
    await tick();
    expect(states()).toEqual(['s deleting']);
    provider.take('delete s').answer();
    await deleting;
    provider.take('pause s').answer(record('s', 'paused'));
    await pausing;
    expect(states()).toEqual([]);
  });
});
