import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AccountFleet } from '../../../src/sandboxes/accountFleet.ts';
import { ProviderError } from '../../../src/sandboxes/errors.ts';
import type { SandboxState } from '../../../src/sandboxes/sandbox.ts';
import { record, request } from './scriptedProvider.ts';
import { ScriptedWindows, seconds, tick } from './scriptedWindows.ts';

let windows: ScriptedWindows;

beforeEach(() => {
  vi.useFakeTimers();
  windows = new ScriptedWindows();
});

afterEach(() => {
  windows.close();
  vi.useRealTimers();
});

const pause = (fleet: AccountFleet) => fleet.change('s', 'pause');
const remove = (fleet: AccountFleet) => fleet.delete('s');

describe('a change made in one window', () => {
  it.each<{
    command: (fleet: AccountFleet) => Promise<unknown>;
    before: SandboxState;
    call: string;
    answer?: unknown;
    after: string[];
  }>([
    {
      command: (fleet) => fleet.create(request),
      before: 'running',
      call: 'create',
      answer: record('t', 'running'),
      after: ['s running', 't running'],
    },
    { command: remove, before: 'running', call: 'delete s', after: [] },
    {
      command: pause,
      before: 'running',
      call: 'pause s',
      answer: record('s', 'paused'),
      after: ['s paused'],
    },
    {
      command: (fleet) => fleet.change('s', 'resume'),
      before: 'paused',
      call: 'resume s',
      answer: record('s', 'running'),
      after: ['s running'],
    },
  ])(
    'is seen in the others, without a request of theirs: $call',
    async ({ command, before, call, answer, after }) => {
      const [a, b] = await windows.open(record('s', before));
      await a.command(command, call, answer);
      expect([a.states, b.states]).toEqual([after, after]);
      expect(b.provider.log).toEqual([]);
    },
  );

  it('is seen while it is under way, and cannot be made twice', async () => {
    const [a, b] = await windows.open(record('s', 'running'));
    const pausing = pause(a.fleet);
    await tick();
    expect(b.states).toEqual(['s pausing']);
    await expect(pause(b.fleet)).rejects.toMatchObject({ kind: 'conflict' });
    a.provider.take('pause s').fail(new ProviderError('unavailable', 'busy'));
    await expect(pausing).rejects.toThrow('busy');
    await tick();
    expect(b.states).toEqual(['s running']);
  });

  it('is known to a window that nobody looked at, as soon as somebody looks', async () => {
    const [a, b] = await windows.open(record('s', 'running'));
    b.fleet.setVisible(false);
    await a.command(remove, 'delete s');
    expect(b.states).toEqual(['s running']);
    await b.show();
    expect(b.states).toEqual([]);
    expect(b.provider.log).toEqual([]);
  });

  it('leaves a sandbox its name in the others until it is gone there', async () => {
    const [a, b] = await windows.open(record('s', 'running'));
    await a.names.setLabel('a/s', 'mine');
    await b.names.load();
    const seen = new Set<string>();
    const look = () => b.fleet.view().sandboxes.map(({ name }) => seen.add(name));
    b.names.onDidChange(look);
    b.fleet.onDidChange(look);
    b.names.setVisible(true);
    await a.command(remove, 'delete s');
    await tick();
    expect(b.states).toEqual([]);
    expect([...seen]).not.toContain('s');
    b.names.dispose();
  });

  it('is told even when nobody looks at that window', async () => {
    const [a, b] = await windows.open(record('s', 'running'));
    a.fleet.setVisible(false);
    await a.command(remove, 'delete s');
    expect(b.states).toEqual([]);
  });

  it('is told by and by when it could not be at once, though nothing else happens', async () => {
    const [a, b] = await windows.open(record('s', 'running'));
    const { news } = windows.sharing.board('a');
    const update = vi.spyOn(news, 'update').mockRejectedValue(new Error('EPERM'));
    await a.command(pause, 'pause s', record('s', 'paused'));
    await seconds(2);
    expect(update.mock.calls.length).toBeGreaterThan(2);
    expect(b.states).toEqual(['s running']);
    update.mockRestore();
    await seconds(4);
    expect(b.states).toEqual(['s paused']);
    expect(b.provider.log).toEqual([]);
  });

  it('is told no more once its account was closed', async () => {
    const [a] = await windows.open(record('s', 'running'));
    const { news } = windows.sharing.board('a');
    const update = vi.spyOn(news, 'update').mockRejectedValue(new Error('EPERM'));
    await a.command(pause, 'pause s', record('s', 'paused'));
    a.fleet.dispose();
    const { length } = update.mock.calls;
    await seconds(600);
    expect(update.mock.calls.length).toBe(length);
  });

  it('is newer than everything that window has heard, though its clock is behind', async () => {
    const [a, b] = await windows.open(record('s', 'running'));
    vi.setSystemTime(Date.now() - 3_600_000);
    await b.command(pause, 'pause s', record('s', 'paused'));
    expect(a.states).toEqual(['s paused']);
  });
});

describe('a transition', () => {
  it('is followed by the window that told of it, and by no other', async () => {
    const [a, b] = await windows.open(record('s', 'starting'));
    for (let asked = 0; asked < 4; asked++) {
      await seconds(4);
      for (const call of a.provider.calls.splice(0)) call.answer(record('s', 'starting'));
      await tick();
    }
    await seconds(10);
    await a.answer('get s', record('s', 'running'));
    expect([a.states, b.states]).toEqual([['s running'], ['s running']]);
    expect(b.provider.log).toEqual([]);
  });

  it('is followed by another window when the first one is gone', async () => {
    const [a, b] = await windows.open(record('s', 'starting'));
    a.fleet.dispose();
    await seconds(25);
    await b.answer('get s', record('s', 'running'));
    expect(b.states).toEqual(['s running']);
  });

  it('that somebody waits for is asked for without patience', async () => {
    const [, b] = await windows.open(record('s', 'starting'));
    const settled = b.fleet.settled('s');
    await seconds(1);
    await b.answer('get s', record('s', 'running'));
    expect((await settled)?.state).toBe('running');
  });

  it('that another window has just asked for is not asked for again', async () => {
    const [a, b] = await windows.open(record('s', 'starting'));
    b.fleet.settled('s').catch(() => 'the window was closed');
    await a.command((fleet) => fleet.confirm('s'), 'get s', record('s', 'starting'));
    await seconds(1);
    expect(b.provider.log).toEqual([]);
    await seconds(2);
    expect(b.provider.log).toEqual(['get s']);
  });

  it('is over for whoever waits as soon as another window tells so', async () => {
    const [a, b] = await windows.open(record('s', 'starting'));
    const settled = b.fleet.settled('s');
    await a.command((fleet) => fleet.confirm('s'), 'get s', record('s', 'running'));
    expect((await settled)?.state).toBe('running');
    expect(b.provider.log).toEqual([]);
  });
});

describe('a sandbox that its service gives another id', () => {
  const resume = (id: string) => (fleet: AccountFleet) => fleet.change(id, 'resume');
  const key = 'a/old';

  async function resumedAsAnother() {
    const [a, b] = await windows.open(record('old', 'paused'));
    await a.names.setLabel(key, 'mine');
    await a.command(resume('old'), 'resume old', record('new', 'running'));
    return [a, b] as const;
  }

  it('keeps its key, its label and its details, in every window', async () => {
    const [a, b] = await resumedAsAnother();
    const late = windows.add();
    await late.show();
    for (const { fleet } of [a, b, late]) {
      expect(fleet.view().sandboxes).toMatchObject([
        { id: 'new', key, name: 'mine', state: 'running', vcpu: 2 },
      ]);
    }
  });

  it('can still be meant by its old id in the window that changed it', async () => {
    const [a] = await resumedAsAnother();
    expect((await a.fleet.settled('old'))?.id).toBe('new');
    await a.command((fleet) => fleet.change('old', 'pause'), 'pause new', record('new', 'paused'));
    expect(a.states).toEqual(['new paused']);
  });

  it('keeps them after lists and further changes, until it is deleted', async () => {
    const [a, b] = await resumedAsAnother();
    await a.command((fleet) => fleet.refresh(), 'list', [record('new', 'paused')]);
    await b.command(resume('new'), 'resume new', record('newer', 'running'));
    expect(a.fleet.view().sandboxes).toMatchObject([{ id: 'newer', key, name: 'mine' }]);
    await a.command((fleet) => fleet.delete('newer'), 'delete newer');
    vi.setSystemTime(Date.now() + 24 * 3_600_000);
    await a.command((fleet) => fleet.refresh(), 'list', []);
    expect(await windows.sharing.names.read()).toEqual({ labels: {}, keys: {} });
  });

  it('keeps its label when another window lists the new id before the command has told it', async () => {
    const [a, b] = await windows.open(record('old', 'paused'));
    await a.names.setLabel(key, 'mine');
    await seconds(1);
    const resumed = a.fleet.change('old', 'resume');
    await tick();
    await b.command((fleet) => fleet.refresh(), 'list', [record('new', 'running')]);
    await a.answer('resume old', record('new', 'running'));
    await resumed;
    await b.command((fleet) => fleet.refresh(), 'list', [record('new', 'running')]);
    expect(b.fleet.view().sandboxes).toMatchObject([{ id: 'new', key, name: 'mine' }]);
  });

  it('may get its first id again', async () => {
    const [a] = await resumedAsAnother();
    await a.command((fleet) => fleet.change('new', 'pause'), 'pause new', record('old', 'paused'));
    expect(a.fleet.find('new')).toMatchObject({ id: 'old', key });
  });
});
