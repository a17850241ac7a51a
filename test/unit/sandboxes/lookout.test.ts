import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ProviderError } from '../../../src/sandboxes/errors.ts';
import { Fleet } from '../../../src/sandboxes/fleet.ts';
import { Lookout } from '../../../src/sandboxes/lookout.ts';
import type { SandboxRecord } from '../../../src/sandboxes/sandbox.ts';
import { MemorySharing } from './memorySharing.ts';
import { record, ScriptedProvider } from './scriptedProvider.ts';
import { seconds } from './scriptedWindows.ts';

const account = { id: 'a', name: 'A', provider: 'test' };
let sharing: MemorySharing;
let provider: ScriptedProvider;
let fleet: Fleet;
let lookout: Lookout;

function open(): { fleet: Fleet; provider: ScriptedProvider } {
  const opened = { fleet: new Fleet(async () => sharing), provider: new ScriptedProvider() };
  opened.fleet.addAccount(account, async () => opened.provider);
  return opened;
}

beforeEach(() => {
  vi.useFakeTimers();
  sharing = new MemorySharing();
  ({ fleet, provider } = open());
  lookout = new Lookout(fleet, 'a', 's');
});

afterEach(() => {
  lookout.dispose();
  fleet.dispose();
  vi.useRealTimers();
});

/** Lets some time pass in which every look is answered like this. */
async function pass(count: number, answer: SandboxRecord | Error): Promise<number> {
  const before = provider.log.length;
  for (let second = 0; second < count; second++) {
    await seconds(1);
    for (const call of provider.calls.splice(0))
      if (answer instanceof Error) call.fail(answer);
      else call.answer(answer);
    await seconds(0);
  }
  return provider.log.length - before;
}

const gone = new ProviderError('notFound', 'gone');
const offline = new ProviderError('network', 'offline');

it('asks for its sandbox soon, then about once a minute, and for nothing else', async () => {
  expect(await pass(10, record('s', 'running'))).toBe(1);
  expect(await pass(600, record('s', 'running'))).toBe(10);
  expect(new Set(provider.log)).toEqual(new Set(['get s']));
  await pass(61, record('s', 'paused'));
  expect(lookout.sandbox?.state).toBe('paused');
});

it('asks at the end of the sandbox, too', async () => {
  const endsAt = Date.now() + 95_000;
  await pass(90, record('s', 'running', { endsAt }));
  await pass(7, record('s', 'paused'));
  expect(lookout.sandbox?.state).toBe('paused');
});

it('asks more often while the sandbox is on its way', async () => {
  await pass(10, record('s', 'pausing'));
  await pass(10, record('s', 'paused'));
  expect(lookout.sandbox?.state).toBe('paused');
});

it('hears what another window knows, without a request', async () => {
  await pass(10, record('s', 'running'));
  const asked = provider.log.length;
  const other = open();
  const known = other.fleet.account('a').confirm('s');
  await seconds(1);
  other.provider.take('get s').answer(record('s', 'paused'));
  await known;
  await seconds(1);
  expect(lookout.sandbox?.state).toBe('paused');
  expect(provider.log).toHaveLength(asked);
  other.fleet.dispose();
});

it('leaves one alone that is gone, known before or not', async () => {
  const changed = vi.fn();
  lookout.onDidChange(changed);
  await pass(10, gone);
  expect(lookout.isGone).toBe(true);
  expect(changed).toHaveBeenCalled();
  expect(await pass(3_600, gone)).toBe(0);
});

it('goes on trying where it cannot ask, and takes nothing for gone meanwhile', async () => {
  expect(await pass(60, offline)).toBeGreaterThan(2);
  expect(await pass(600, offline)).toBeLessThan(25);
  expect(lookout.isGone).toBe(false);
  await pass(61, record('s', 'running'));
  expect(lookout.sandbox?.state).toBe('running');
});

describe('a key that is refused', () => {
  const refused = new ProviderError('unauthorized', 'refused');
  beforeEach(async () => {
    await pass(10, record('s', 'running'));
    await pass(61, refused);
  });

  it('is not asked with, until there is another one', async () => {
    expect(await pass(3_600, record('s', 'paused'))).toBe(0);
    fleet.retry('a');
    expect(fleet.viewOf('a')?.error).toBeUndefined();
    await pass(10, record('s', 'paused'));
    expect(lookout.sandbox?.state).toBe('paused');
    await pass(61, record('s', 'running'));
    expect(lookout.sandbox?.state).toBe('running');
  });

  it('is not asked with when the next one is refused, too', async () => {
    fleet.retry('a');
    expect(await pass(61, refused)).toBe(1);
    expect(await pass(3_600, refused)).toBe(0);
  });

  it('is asked with again once the list could be read', async () => {
    void fleet.account('a').refresh();
    await seconds(0);
    provider.take('list').answer([record('s', 'running')]);
    await pass(61, record('s', 'paused'));
    expect(lookout.sandbox?.state).toBe('paused');
  });

  it('says nothing of the account that is opened anew', async () => {
    fleet.removeAccount('a');
    expect([lookout.sandbox, lookout.isGone]).toEqual([undefined, false]);
    provider = new ScriptedProvider();
    fleet.addAccount(account, async () => provider);
    expect(lookout.isGone).toBe(false);
    await pass(10, record('s', 'paused'));
    expect(lookout.sandbox?.state).toBe('paused');
  });
});

it('asks nothing any more when it is disposed', async () => {
  await pass(10, record('s', 'running'));
  lookout.dispose();
  expect(await pass(3_600, record('s', 'running'))).toBe(0);
});
