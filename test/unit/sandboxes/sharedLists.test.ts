import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ProviderError } from '../../../src/sandboxes/errors.ts';
import { record } from './scriptedProvider.ts';
import { ScriptedWindows, type ScriptedWindow, seconds, tick } from './scriptedWindows.ts';

let windows: ScriptedWindows;

beforeEach(() => {
  vi.useFakeTimers();
  windows = new ScriptedWindows();
});

afterEach(() => {
  windows.close();
  vi.useRealTimers();
});

const down = new ProviderError('network', 'down');

it('a list is read by one of several windows and adopted by the others, with its details', async () => {
  const late = windows.add();
  const [a, b] = await windows.open(record('s', 'running'), record('t', 'paused'));
  await late.show();
  expect(a.provider.log.toSorted()).toEqual(['get s', 'get t', 'list']);
  expect([b.provider.log, late.provider.log]).toEqual([[], []]);
  for (const { fleet, states } of [a, b, late]) {
    expect(states).toEqual(['s running', 't paused']);
    expect(fleet.find('s')?.vcpu).toBe(2);
    expect(fleet.view()).toMatchObject({ listedAt: a.fleet.view().listedAt, refreshing: false });
  }
});

it('a list is read by one of them again when it is due', async () => {
  const all = await windows.open(record('s', 'stopping'));
  for (let polls = 0; polls < 4; polls++) {
    await seconds(31);
    for (const { provider } of all) for (const call of provider.calls.splice(0)) call.answer([]);
    await tick();
  }
  expect(all[0].lists + all[1].lists).toBe(5);
});

it('a list is read once when several windows find it due at the same time', async () => {
  const a = windows.add();
  const b = windows.add();
  a.fleet.setVisible(true);
  b.fleet.setVisible(true);
  await tick();
  expect(a.lists + b.lists).toBe(1);
  await (a.lists ? a : b).answerList(record('s', 'stopped'));
  expect([a.states, b.states]).toEqual([['s stopped'], ['s stopped']]);
  expect(a.lists + b.lists).toBe(1);
});

it('a list that is fresh is shown at once by a window that opens later, and read when its time is over', async () => {
  const [a, b] = await windows.open(record('s', 'running'));
  for (const window of [a, b]) window.fleet.setVisible(false);
  await seconds(20);
  const late = windows.add();
  await late.show();
  expect(late.states).toEqual(['s running']);
  expect(late.fleet.view().provider).toBe(late.provider);
  await seconds(9);
  expect(late.provider.log).toEqual([]);
  await seconds(2);
  expect(late.provider.log).toEqual(['list']);
});

it('a list that is old is shown, too, until it is read anew', async () => {
  const [a, b] = await windows.open(record('s', 'running'));
  for (const window of [a, b]) window.fleet.setVisible(false);
  await seconds(3_600);
  const late = windows.add();
  await late.show();
  expect(late.states).toEqual(['s running']);
  await late.answerList(record('t', 'running'));
  expect(late.states).toEqual(['t running']);
});

it('a list is read for real when the user asks for it, and the others see what came', async () => {
  const [a, b] = await windows.open(record('s', 'running'));
  await b.command((fleet) => fleet.refresh(), 'list', [record('t', 'stopped')]);
  expect([a.states, b.states]).toEqual([['t stopped'], ['t stopped']]);
  expect(a.lists).toBe(1);
});

it('a list that one window cannot read is read by another, and then the first one knows it, too', async () => {
  const a = windows.add();
  await a.show();
  a.provider.take('list').fail(down);
  await tick();
  expect(a.fleet.view().error?.message).toBe('down');
  const b = windows.add();
  await b.show();
  await b.answerList(record('s', 'stopped'));
  expect(a.fleet.view()).toMatchObject({ error: undefined, sandboxes: [{ id: 's' }] });
  await seconds(20);
  expect(a.lists).toBe(1);
});

it('a list is read again after a failure, though an earlier one is still fresh', async () => {
  const [a] = await windows.open(record('s', 'running'));
  const refresh = a.fleet.refresh();
  await tick();
  a.provider.take('list').fail(down);
  await refresh;
  expect(a.fleet.view().error?.message).toBe('down');
  await seconds(3);
  expect(a.lists).toBe(3);
  expect(a.fleet.view().error?.message).toBe('down');
});

it('a list of the future, which a clock that was set back makes, is not waited for', async () => {
  const [a, b] = await windows.open(record('s', 'running'));
  for (const window of [a, b]) window.fleet.setVisible(false);
  vi.setSystemTime(Date.now() - 3_600_000);
  await b.show();
  await b.answerList(record('t', 'running'));
  await a.show();
  expect([a.states, b.states]).toEqual([['t running'], ['t running']]);
  expect(a.lists).toBe(1);
});

it('a list that one window began before another one deleted a sandbox brings it back to neither', async () => {
  const [a, b] = await windows.open(record('s', 'running'));
  const refresh = a.fleet.refresh();
  await tick();
  await b.command((fleet) => fleet.delete('s'), 'delete s');
  await a.answerList(record('s', 'running'));
  await refresh;
  expect([a.states, b.states]).toEqual([[], []]);
});

it('a list that lacks a sandbox drops it, though others have told of it before', async () => {
  const [a, b] = await windows.open(record('s', 'running'));
  await b.command((fleet) => fleet.confirm('s'), 'get s', record('s', 'running'));
  await a.command((fleet) => fleet.refresh(), 'list', []);
  expect([a.states, b.states]).toEqual([[], []]);
});

it('details that another window has read meanwhile are not read again', async () => {
  const [a, b] = [windows.add(), windows.add()];
  for (const window of [a, b]) await window.show();
  const records = ['p', 'q', 'r', 's', 't'].map((id) => record(id, 'running'));
  await a.answer('list', records);
  await b.command((fleet) => fleet.confirm('t'), 'get t', record('t', 'running', { vcpu: 2 }));
  for (const call of a.provider.calls.splice(0)) call.answer(record(call.name.slice(4), 'running'));
  await tick();
  expect(a.provider.log).toEqual(['list', 'get p', 'get q', 'get r', 'get s']);
});

const refused = new ProviderError('unauthorized', 'Unknown key');

/** The user asks one window for the list, which is refused. */
async function refuse({ fleet, provider }: ScriptedWindow): Promise<void> {
  void fleet.refresh();
  await tick();
  provider.take('list').fail(refused);
  await tick();
}

it('a key that is refused in one window is tried once by each other one, and by nobody again', async () => {
  const [a, b] = await windows.open(record('s', 'running'));
  await refuse(a);
  b.provider.take('list').fail(refused);
  await tick();
  for (const { fleet, states } of [a, b]) {
    expect(fleet.view().error?.kind).toBe('unauthorized');
    expect(states).toEqual(['s running']);
  }
  const asked = a.lists + b.lists;
  await seconds(600);
  expect(a.lists + b.lists).toBe(asked);
});

it('a key that is refused is told of again after it was good', async () => {
  const [a, b] = await windows.open(record('s', 'running'));
  for (let times = 0; times < 2; times++) {
    await refuse(a);
    b.provider.take('list').fail(refused);
    await tick();
    void b.fleet.refresh();
    await tick();
    await b.answerList(record('s', 'running'));
    for (const { fleet } of [a, b]) expect(fleet.view().error).toBeUndefined();
  }
});

it('a key that is refused in a window that lacks the new one is none of the others’ trouble', async () => {
  const [a, b] = await windows.open(record('s', 'running'));
  await refuse(a);
  await b.answerList(record('s', 'running'));
  for (const { fleet } of [a, b]) expect(fleet.view().error).toBeUndefined();
});

it('a key that is refused to an account that was closed meanwhile is none of the others’ trouble', async () => {
  const [a, b] = await windows.open(record('s', 'running'));
  void a.fleet.refresh();
  await tick();
  const { lists } = b;
  a.fleet.dispose();
  a.provider.take('list').fail(refused);
  await tick();
  expect(b.lists).toBe(lists);
});

it('a list that somebody wants is read, also when a window is just finding out that it has a fresh one', async () => {
  await windows.open(record('s', 'running'));
  for (let moment = 0; moment < 40; moment++) {
    const late = windows.add();
    late.fleet.setVisible(true);
    for (let step = 0; step < moment; step++) await Promise.resolve();
    void late.fleet.refresh();
    await tick();
    expect([moment, late.lists]).toEqual([moment, 1]);
    await late.answerList(record('s', 'running'));
    late.fleet.setVisible(false);
  }
});
