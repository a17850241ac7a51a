import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Fleet } from '../../../src/sandboxes/fleet.ts';
import type { Terminals } from '../../../src/sandboxes/provider.ts';
import type { Sandbox, SandboxState, Session } from '../../../src/sandboxes/sandbox.ts';
import { Sessions } from '../../../src/sandboxes/sessions.ts';
import { MemorySharing } from './memorySharing.ts';
import { record, ScriptedProvider } from './scriptedProvider.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function setUp() {
  const real: { state: SandboxState } = { state: 'running' };
  const list = vi.fn(async (): Promise<Session[]> => [
    { id: 'p', cwd: '/', createdAt: 0, active: true, exitCode: undefined },
  ]);
  const provider = Object.assign(new ScriptedProvider(), {
    get: async (id: string) => record(id, real.state),
    terminals: { list } as unknown as Terminals,
  });
  const fleet = new Fleet(async () => new MemorySharing());
  fleet.addAccount({ id: 'a', name: 'A', provider: 'test' }, async () => provider);
  const sandbox = (state: SandboxState): Sandbox => ({
    ...record('s', state),
    key: 'a/s',
    accountId: 'a',
    name: 's',
  });
  return { list, real, sandbox, sessions: new Sessions(fleet) };
}

it('never asks a sandbox that does not run for its sessions: that may wake it', async () => {
  const { list, sandbox, sessions } = setUp();
  for (const state of ['paused', 'stopped', 'pausing', 'unknown'] as const) {
    expect(await sessions.list(sandbox(state))).toEqual([]);
  }
  expect(list).not.toHaveBeenCalled();
});

it('is not fooled by a row that is older than a pause made elsewhere', async () => {
  const { list, real, sandbox, sessions } = setUp();
  real.state = 'paused';
  expect(await sessions.list(sandbox('running'))).toEqual([]);
  expect(list).not.toHaveBeenCalled();
});

it('asks again only after a while, or when something is known to have changed', async () => {
  const { list, sandbox, sessions } = setUp();
  await sessions.list(sandbox('running'));
  await sessions.list(sandbox('running'));
  expect(list).toHaveBeenCalledTimes(1);
  sessions.forget(sandbox('running'));
  await sessions.list(sandbox('running'));
  expect(list).toHaveBeenCalledTimes(2);
  vi.advanceTimersByTime(16_000);
  await sessions.list(sandbox('running'));
  expect(list).toHaveBeenCalledTimes(3);
});

it('leaves out the sessions that have ended', async () => {
  const { list, sandbox, sessions } = setUp();
  const ended = { id: 'q', cwd: '/', createdAt: 0, active: false, exitCode: 0 };
  list.mockResolvedValueOnce([ended, { ...ended, id: 'p', active: true }]);
  expect((await sessions.list(sandbox('running'))).map(({ id }) => id)).toEqual(['p']);
});

it('reads what is known once more when it is to be as it is now', async () => {
  const { list, sandbox, sessions } = setUp();
  await sessions.list(sandbox('running'));
  await sessions.refresh(sandbox('running'));
  expect(list).toHaveBeenCalledTimes(2);
  expect(await sessions.refresh(sandbox('paused'))).toEqual([]);
});

it('does not keep a failure', async () => {
  const { list, sandbox, sessions } = setUp();
  list.mockRejectedValueOnce(new Error('down'));
  await expect(sessions.list(sandbox('running'))).rejects.toThrow('down');
  expect(await sessions.list(sandbox('running'))).toHaveLength(1);
});
