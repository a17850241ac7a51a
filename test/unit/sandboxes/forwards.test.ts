import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Fleet } from '../../../src/sandboxes/fleet.ts';
import { type BrokenForward, Forwards, type PortForward } from '../../../src/sandboxes/forwards.ts';
import type { Sandbox, SandboxState } from '../../../src/sandboxes/sandbox.ts';
import { MemorySharing } from './memorySharing.ts';
import { record, ScriptedProvider } from './scriptedProvider.ts';

const fleets: Fleet[] = [];
afterEach(() => {
  for (const fleet of fleets.splice(0)) fleet.dispose();
});

/** What stands in for `ssh`: it forwards until it is told to end, or breaks. */
class Tunnel implements PortForward {
  readonly port: number;
  readonly localPort: number;
  readonly #end = Promise.withResolvers<string>();
  readonly ended = this.#end.promise;
  isOpen = true;

  constructor(port: number) {
    this.port = port;
    this.localPort = port + 30_000;
  }

  dispose(): void {
    this.break('');
  }

  break(reason: string): void {
    this.isOpen = false;
    this.#end.resolve(reason);
  }
}

/** A window that knows of one sandbox, which runs. */
async function setUp() {
  const real: { state: SandboxState | 'gone' | 'unreachable' } = { state: 'running' };
  const get = async (id: string) => {
    if (real.state === 'unreachable') throw new Error('no network');
    if (real.state === 'gone')
      throw Object.assign(new Error('gone'), { name: 'ProviderError', kind: 'notFound' });
    return record(id, real.state);
  };
  const provider = Object.assign(new ScriptedProvider(), { get, list: async () => [await get('s')] });
  const fleet = new Fleet(async () => new MemorySharing());
  fleets.push(fleet);
  fleet.addAccount({ id: 'a', name: 'A', provider: 'test' }, async () => provider);
  await fleet.refresh();
  const forwards = new Forwards(fleet);
  const broken: BrokenForward[] = [];
  forwards.onDidBreak((one) => broken.push(one));
  const sandbox = fleet.find('a/s') as Sandbox;
  const open = async (port: number) => {
    const tunnel = new Tunnel(port);
    await forwards.open(sandbox, port, async () => tunnel);
    return tunnel;
  };
  const become = async (state: typeof real.state) => {
    real.state = state;
    await fleet.account('a').confirm('s');
  };
  return { real, fleet, forwards, broken, sandbox, open, become };
}

const ports = (forwards: readonly PortForward[]) => forwards.map(({ port }) => port);

describe('the forwarded ports of a sandbox', () => {
  it('stand in their order, and tell when one comes or goes', async () => {
    const { forwards, sandbox, open } = await setUp();
    const changed = vi.fn();
    forwards.onDidChange(changed);
    const later = await open(9000);
    await open(80);
    expect(ports(forwards.of(sandbox))).toEqual([80, 9000]);
    expect(changed).toHaveBeenCalledTimes(2);
    forwards.close(sandbox, 9000);
    expect(later.isOpen).toBe(false);
    expect(ports(forwards.of(sandbox))).toEqual([80]);
    expect(changed).toHaveBeenCalledTimes(3);
  });

  it('are forwarded once, also when a second wish comes while the first is under way', async () => {
    const { forwards, sandbox } = await setUp();
    const start = vi.fn(async () => new Tunnel(80));
    const both = await Promise.all([forwards.open(sandbox, 80, start), forwards.open(sandbox, 80, start)]);
    expect(both[0]).toBe(both[1]);
    expect(await forwards.open(sandbox, 80, start)).toBe(both[0]);
    expect(start).toHaveBeenCalledTimes(1);
  });

  it('can be tried again after a failure', async () => {
    const { forwards, sandbox, open } = await setUp();
    const failing = forwards.open(sandbox, 80, () => Promise.reject(new Error('no way')));
    await expect(failing).rejects.toThrow('no way');
    expect(forwards.of(sandbox)).toEqual([]);
    await open(80);
    expect(ports(forwards.of(sandbox))).toEqual([80]);
  });

  it.each<SandboxState | 'gone'>(['pausing', 'paused', 'stopping', 'stopped', 'deleting', 'gone'])(
    'end without a word when it is %s',
    async (state) => {
      const { forwards, sandbox, broken, open, become } = await setUp();
      const tunnels = [await open(80), await open(81)];
      await become(state);
      expect(tunnels.map(({ isOpen }) => isOpen)).toEqual([false, false]);
      expect(forwards.of(sandbox)).toEqual([]);
      await setImmediate();
      expect(broken).toEqual([]);
    },
  );

  it('last while a snapshot is made of it', async () => {
    const { open, become } = await setUp();
    const tunnel = await open(80);
    await become('snapshotting');
    await become('running');
    expect(tunnel.isOpen).toBe(true);
  });

  it('end, too, when it came to its end while they were made', async () => {
    const { forwards, sandbox, become } = await setUp();
    const tunnel = new Tunnel(80);
    await forwards.open(sandbox, 80, async () => {
      await become('paused');
      return tunnel;
    });
    expect(tunnel.isOpen).toBe(false);
    expect(forwards.of(sandbox)).toEqual([]);
  });

  it('end with the account that is signed out', async () => {
    const { fleet, open } = await setUp();
    const tunnel = await open(80);
    fleet.removeAccount('a');
    await Promise.resolve();
    expect(tunnel.isOpen).toBe(false);
  });

  it('stay while the settings of their account change', async () => {
    const { fleet, open } = await setUp();
    const tunnel = await open(80);
    fleet.removeAccount('a');
    fleet.addAccount({ id: 'a', name: 'A', provider: 'test' }, async () => new ScriptedProvider());
    await Promise.resolve();
    expect(tunnel.isOpen).toBe(true);
  });

  it('end with the window, also those that are under way', async () => {
    const { forwards, sandbox, open } = await setUp();
    const tunnel = await open(80);
    const signals: AbortSignal[] = [];
    void forwards.open(sandbox, 81, (signal) => (signals.push(signal), new Promise(() => {})));
    forwards.dispose();
    expect(tunnel.isOpen).toBe(false);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });
});

describe('a port that is not forwarded any more although nobody asked for it', () => {
  it.each(['running', 'unreachable'] as const)('is told while its sandbox is %s', async (state) => {
    const { real, forwards, sandbox, broken, open } = await setUp();
    const tunnel = await open(80);
    real.state = state;
    tunnel.break('the line is down');
    await vi.waitFor(() => expect(broken).toMatchObject([{ port: 80, reason: 'the line is down' }]));
    expect(forwards.of(sandbox)).toEqual([]);
  });

  it.each(['stopped', 'paused', 'gone'] as const)(
    'is not told when its sandbox turns out to be %s',
    async (state) => {
      const { fleet, real, forwards, sandbox, broken, open } = await setUp();
      const asked = vi.spyOn(fleet.account('a'), 'confirm');
      const tunnel = await open(80);
      real.state = state;
      tunnel.break('the line is down');
      await vi.waitFor(() => expect(asked).toHaveBeenCalled());
      await asked.mock.results[0]?.value;
      expect(forwards.of(sandbox)).toEqual([]);
      expect(broken).toEqual([]);
    },
  );
});
