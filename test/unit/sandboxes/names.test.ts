import { expect, it, vi } from 'vitest';
import { Names } from '../../../src/sandboxes/names.ts';
import { MemorySharing } from './memorySharing.ts';

const open = (sharing: MemorySharing, inherited = {}) =>
  new Names(
    async () => sharing.names,
    () => inherited,
  );

/** What a complete list tells. */
const census = (ids: readonly string[], askedAt = Date.now() + 1_000) => ({
  accountId: 'a',
  sandboxes: ids.map((id) => ({ id, key: `a/${id}` })),
  askedAt,
});

it('keeps a label for all windows until it is taken back', async () => {
  const sharing = new MemorySharing();
  const [one, other] = [open(sharing), open(sharing)];
  await one.setLabel('a/s', 'mine');
  await other.load();
  expect(other.labelOf('a/s')).toBe('mine');
  await other.setLabel('a/s', undefined);
  await one.load();
  expect(one.labelOf('a/s')).toBeUndefined();
});

it('hears of a label while somebody looks, and only then', async () => {
  const sharing = new MemorySharing();
  const [one, other] = [open(sharing), open(sharing)];
  other.setVisible(true);
  await vi.waitFor(async () => {
    await one.setLabel('a/s', 'mine');
    expect(other.labelOf('a/s')).toBe('mine');
  });
  other.setVisible(false);
  await one.setLabel('a/s', 'yours');
  await Promise.resolve();
  expect(other.labelOf('a/s')).toBe('mine');
});

it('begins with the labels of older versions, once', async () => {
  const sharing = new MemorySharing();
  const inherited = { 'a/s': 'old', 'a/t': 'older' };
  const names = open(sharing, inherited);
  expect(names.labelOf('a/s')).toBe('old');
  await names.setLabel('a/s', undefined);
  const later = open(sharing, inherited);
  await later.load();
  expect([later.labelOf('a/s'), later.labelOf('a/t')]).toEqual([undefined, 'older']);
});

const day = 24 * 3_600_000;
const labelled = async (sharing: MemorySharing) => Object.keys((await sharing.names.read())?.labels ?? {});

it('forgets the labels of sandboxes that have been gone for a month, and of no others', async () => {
  const sharing = new MemorySharing();
  const names = open(sharing);
  const keys = ['a/gone', 'a/there', 'b/elsewhere'];
  for (const key of keys) await names.setLabel(key, 'mine');
  const first = Date.now() + 1_000;
  for (const days of [0, 1, 29]) await names.forgetGone(census(['there'], first + days * day));
  expect(await labelled(sharing)).toEqual(keys);
  await names.forgetGone(census(['there'], first + 31 * day));
  expect(await labelled(sharing)).toEqual(['a/there', 'b/elsewhere']);
});

it('counts the month anew for a sandbox that was there again', async () => {
  const sharing = new MemorySharing();
  const names = open(sharing);
  await names.setLabel('a/s', 'mine');
  const first = Date.now() + 1_000;
  await names.forgetGone(census([], first));
  await names.forgetGone(census(['s'], first + 20 * day));
  await names.forgetGone(census([], first + 40 * day));
  await names.forgetGone(census([], first + 60 * day));
  expect(names.labelOf('a/s')).toBe('mine');
  await names.forgetGone(census([], first + 75 * day));
  expect(names.labelOf('a/s')).toBeUndefined();
});

it('forgets what was deleted within the day, but not before the other windows know', async () => {
  const sharing = new MemorySharing();
  const names = open(sharing);
  for (const key of ['a/s', 'a/t', 'b/s']) await names.setLabel(key, 'mine');
  await names.follow('a', 's', 'new');
  await names.forget('a', 'new');
  await names.forgetGone(census(['t']));
  expect([names.keyOf('a', 'new'), names.labelOf('a/s')]).toEqual(['a/s', 'mine']);
  await names.forgetGone(census(['t'], Date.now() + day));
  expect(await sharing.names.read()).toMatchObject({ labels: { 'a/t': {}, 'b/s': {} }, keys: {} });
  expect(await labelled(sharing)).toEqual(['a/t', 'b/s']);
});

it('forgets at once what belonged to an account that was signed out', async () => {
  const sharing = new MemorySharing();
  const names = open(sharing);
  for (const key of ['a/s', 'b/s']) await names.setLabel(key, 'mine');
  await names.forgetAccount('a');
  expect(await labelled(sharing)).toEqual(['b/s']);
});

it('does not judge a label by a list that was asked for before it was given', async () => {
  const sharing = new MemorySharing();
  const names = open(sharing);
  const askedAt = Date.now() - 1;
  await names.setLabel('a/new', 'mine');
  await names.forgetGone(census([], askedAt));
  expect((await sharing.names.read())?.labels['a/new']).not.toHaveProperty('absentSince');
});

it('knows a label that could not be saved, and saves it with the next one', async () => {
  const sharing = new MemorySharing();
  const names = open(sharing);
  const save = vi.spyOn(sharing.names, 'update').mockRejectedValueOnce(new Error('ENOSPC'));
  await expect(names.setLabel('a/s', 'mine')).rejects.toThrow('The name could not be saved');
  await names.load();
  expect(names.labelOf('a/s')).toBe('mine');
  save.mockRestore();
  await names.setLabel('a/t', 'yours');
  const other = open(sharing);
  await other.load();
  expect([other.labelOf('a/s'), other.labelOf('a/t')]).toEqual(['mine', 'yours']);
});

it('does not put a label that could not be kept in the place of a newer one', async () => {
  const sharing = new MemorySharing();
  const [one, other] = [open(sharing), open(sharing)];
  const update = vi.spyOn(sharing.names, 'update').mockRejectedValueOnce(new Error('the disk is full'));
  await expect(one.setLabel('a/s', 'older')).rejects.toThrow('could not be saved');
  update.mockRestore();
  const later = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 1);
  await other.setLabel('a/s', 'newer');
  later.mockRestore();
  await one.setLabel('a/t', 'something else');
  await other.load();
  expect(other.labelOf('a/s')).toBe('newer');
});

it('takes another label although the clock was set back', async () => {
  const names = open(new MemorySharing());
  vi.useFakeTimers({ now: 2_000, toFake: ['Date'] });
  try {
    await names.setLabel('a/s', 'first');
    vi.setSystemTime(1_000);
    await names.setLabel('a/s', 'second');
    expect(names.labelOf('a/s')).toBe('second');
  } finally {
    vi.useRealTimers();
  }
});
