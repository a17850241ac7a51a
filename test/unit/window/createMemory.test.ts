import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { AccountView } from '../../../src/sandboxes/account.ts';
import type { Sandbox } from '../../../src/sandboxes/sandbox.ts';
import { CreateMemory } from '../../../src/window/createMemory.ts';
import { record, request } from '../sandboxes/scriptedProvider.ts';

const minuteMs = 60_000;
let values: Map<string, unknown>;
let secrets: Map<string, string>;
let memory: CreateMemory;

beforeEach(() => {
  vi.useFakeTimers();
  values = new Map();
  secrets = new Map();
  const storage = {
    keys: () => [...values.keys()],
    get: <T>(key: string, missing?: T) => (values.get(key) as T | undefined) ?? missing,
    update: async (key: string, value: unknown) => void values.set(key, value),
  };
  const secretStorage = {
    keys: async () => [...secrets.keys()],
    get: async (key: string) => secrets.get(key),
    store: async (key: string, value: string) => void secrets.set(key, value),
    delete: async (key: string) => void secrets.delete(key),
    onDidChange: () => ({ dispose: () => undefined }),
  };
  memory = new CreateMemory(storage, secretStorage);
});
afterEach(() => vi.useRealTimers());

const sandbox = (id: string): Sandbox => ({
  ...record(id, 'running'),
  key: `a/${id}`,
  accountId: 'a',
  name: id,
});

const view = (listedAt: number | undefined, ...sandboxes: Sandbox[]): AccountView => ({
  account: { id: 'a', name: 'A', provider: 'test' },
  provider: undefined,
  sandboxes,
  listedAt,
  error: undefined,
  refreshing: false,
});

it('what a sandbox was made of is forgotten when a list that was read later has it no more', async () => {
  await memory.keepOrigin(sandbox('gone'), request);
  vi.advanceTimersByTime(10 * minuteMs);
  await memory.keepOrigin(sandbox('here'), request);
  await memory.forgetGone(view(Date.now(), sandbox('here')));
  expect(await memory.originOf(sandbox('gone'))).toBeUndefined();
  expect(await memory.originOf(sandbox('here'))).toEqual(request);
  expect(secrets.size).toBe(1);
});

it('what a sandbox was made of is kept while no list can tell that it is gone', async () => {
  const listedAt = Date.now();
  vi.advanceTimersByTime(10 * minuteMs);
  await memory.keepOrigin(sandbox('other-windows'), request);
  await memory.forgetGone(view(listedAt, sandbox('mine')));
  await memory.forgetGone(view(undefined));
  expect(await memory.originOf(sandbox('other-windows'))).toEqual(request);
});
