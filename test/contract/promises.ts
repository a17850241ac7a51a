import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ErrorKind } from '../../src/sandboxes/errors.ts';
import type { CreateRequest, Provider } from '../../src/sandboxes/provider.ts';
import { isTransition, type SandboxRecord, type SandboxState } from '../../src/sandboxes/sandbox.ts';
import { commandPromises, textOf } from './commandPromises.ts';
import { snapshotPromises } from './snapshotPromises.ts';
import { sshPromises } from './sshPromises.ts';
import { terminalPromises } from './terminalPromises.ts';

/** A provider under test, with what only its service's owner can do. */
export interface Subject {
  readonly provider: Provider;
  /** The same service, asked with a credential that it does not know. */
  readonly stranger: Provider;
  /** Whether the service answers both outputs of a command as one. */
  readonly oneOutput?: boolean;
  dispose(): Promise<void>;
}

/** What the promises about one facet work with. */
export interface Workshop {
  readonly provider: () => Provider;
  /** Whether the service answers both outputs of a command as one. */
  readonly oneOutput: () => boolean;
  /** A sandbox of the test's own, in the state `running`. */
  readonly make: () => Promise<SandboxRecord>;
  readonly expectState: (id: string, state: SandboxState) => Promise<void>;
}

const small = { vcpu: 1, memoryMib: 512, timeoutMinutes: 10, autoPause: false };

/** What every provider promises; each promise is kept by the real service behind it. */
export function keepsItsPromises(name: string, open: () => Promise<Subject>): void {
  describe(name, () => {
    let subject: Subject;
    let provider: Provider;
    let request: CreateRequest;

    beforeAll(async () => {
      subject = await open();
      provider = subject.provider;
      request = { ...small, template: provider.createLimits.templates[0] ?? '' };
    });

    afterAll(async () => {
      const left = await provider.list();
      await Promise.all(left.map(({ id }) => provider.delete(id)));
      await subject.dispose();
    });

    /** A sandbox of the test's own, in the state `running`. */
    const make = async () => settle((await provider.create(request)).id);

    const settle = async (id: string): Promise<SandboxRecord> => {
      for (;;) {
        const record = await provider.get(id);
        if (!isTransition(record.state)) return record;
        await delay(50);
      }
    };

    const expectState = async (id: string, state: SandboxState) =>
      expect((await settle(id)).state).toBe(state);

    const oneOutput = () => subject.oneOutput ?? false;
    const workshop: Workshop = { provider: () => provider, oneOutput, make, expectState };

    describe('a sandbox', () => {
      it('runs after it was created, with what was asked for', async () => {
        const sandbox = await make();
        expect(sandbox).toMatchObject({ state: 'running', vcpu: 1, memoryMib: 512, timeoutSeconds: 600 });
        expect(sandbox.createdAt).toBeGreaterThan(Date.now() - 3_600_000);
      });

      it('stands in the list with the time of its end', async ({ skip }) => {
        if (provider.adopt) return skip('The service has no list, which alone would tell it.');
        const { id } = await make();
        const listed = (await provider.list()).find((record) => record.id === id);
        expect(listed?.state).toBe('running');
        expect(listed?.endsAt).toBeGreaterThan(Date.now());
        expect(listed?.endsAt).toBeLessThan(Date.now() + 11 * 60_000);
      });

      it('goes through its whole life', async () => {
        const { id } = await make();
        await provider.pause?.(id);
        await expectState(id, 'paused');
        await provider.resume?.(id);
        await expectState(id, 'running');
        if (provider.stop && provider.start) {
          await provider.stop(id);
          await expectState(id, 'stopped');
          await provider.start(id);
          await expectState(id, 'running');
        }
        await provider.delete(id);
        await expect(provider.get(id)).rejects.toMatchObject({ kind: 'notFound' });
        expect((await provider.list()).map((record) => record.id)).not.toContain(id);
      });

      it('is two when it is asked for twice', async () => {
        const [one, two] = await Promise.all([provider.create(request), provider.create(request)]);
        expect(one.id).not.toBe(two.id);
        await Promise.all([settle(one.id), settle(two.id)]);
      });

      it('keeps its files while it is stopped', async ({ skip }) => {
        const { stop, start } = provider;
        if (!stop || !start) return skip('The service cannot stop one.');
        const { id } = await make();
        await provider.exec?.run(id, 'echo kept > file');
        await stop(id);
        await expectState(id, 'stopped');
        await start(id);
        await expectState(id, 'running');
        expect(textOf(await provider.exec?.run(id, 'cat file'))).toBe('kept\n');
      });

      it('has the variables that it was given', async () => {
        const env = { WORD: `a 'quoted' "$HOME" word` };
        const { id } = await settle((await provider.create({ ...request, env })).id);
        expect(textOf(await provider.exec?.run(id, 'printf %s "$WORD"'))).toBe(env.WORD);
      });

      it('has no network when it is denied one', async () => {
        const created = await provider.create({ ...request, network: { mode: 'deny-all' } });
        const { id, network } = await settle(created.id);
        expect(network).toBe('deny-all');
        const interfaces = await provider.exec?.run(id, 'tail -n +3 /proc/net/dev | cut -d: -f1');
        expect(textOf(interfaces).trim()).toBe('lo');
      });

      it('keeps its processes while it is paused, and they rest', async () => {
        const { id } = await make();
        const count = async () => Number(textOf(await provider.exec?.run(id, 'cat count')));
        await provider.exec?.run(
          id,
          'for i in $(seq 1 10000); do echo $i > count; sleep 0.02; done >/dev/null 2>&1 &',
        );
        await expect.poll(count).toBeGreaterThan(3);
        await provider.pause?.(id);
        await expectState(id, 'paused');
        await delay(1_000);
        await provider.resume?.(id);
        const after = await count();
        await expect.poll(count).toBeGreaterThan(after);
        // Between two of its sleeps the loop has none.
        const asleep = async () => Number(textOf(await provider.exec?.run(id, 'pgrep -c sleep || true')));
        await expect.poll(asleep).toBeGreaterThan(0);
      });
    });

    describe('a call that its state does not allow', () => {
      it.for([
        ['resume', 'stop', 'pause'],
        ['start', 'pause', 'stop'],
      ] as const)(
        'is a conflict after the way there: neither %s nor %s after %s',
        async ([, second, first], { skip }) => {
          const { [first]: go, [second]: refused } = provider;
          if (!go || !refused) return skip('The service has not both.');
          const { id } = await make();
          await go(id);
          await settle(id);
          await expect(refused(id)).rejects.toMatchObject({ kind: 'conflict' });
          await expect(go(id)).rejects.toMatchObject({ kind: 'conflict' });
        },
      );

      it('is a conflict: a running sandbox cannot be started', async ({ skip }) => {
        const { start } = provider;
        if (!start) return skip('The service cannot start one.');
        const { id } = await make();
        await expect(start(id)).rejects.toMatchObject({ kind: 'conflict' });
      });
    });

    describe('a call that cannot be', () => {
      it.each<[string, (p: Provider) => Promise<unknown> | undefined, ErrorKind]>([
        ['get of nothing', (p) => p.get('sbx-none'), 'notFound'],
        ['delete of nothing', (p) => p.delete('sbx-none'), 'notFound'],
        ['pause of nothing', (p) => p.pause?.('sbx-none'), 'notFound'],
        ['stop of nothing', (p) => p.stop?.('sbx-none'), 'notFound'],
        ['start of nothing', (p) => p.start?.('sbx-none'), 'notFound'],
        ['sessions of nothing', (p) => p.terminals?.list('sbx-none'), 'notFound'],
        ['a session of nothing', (p) => p.terminals?.connect('sbx-none', 'x'), 'notFound'],
        ['an id that tries to be a path', (p) => p.get('../sandboxes'), 'notFound'],
        ['an unknown template', (p) => p.create({ ...request, template: 'no/such' }), 'invalid'],
        ['no template', (p) => p.create({ ...request, template: '' }), 'invalid'],
        ['too many vCPUs', (p) => p.create({ ...request, vcpu: 9 }), 'invalid'],
        ['odd memory', (p) => p.create({ ...request, memoryMib: 513 }), 'invalid'],
        ['too long a time', (p) => p.create({ ...request, timeoutMinutes: 481 }), 'invalid'],
      ])('%s', async (_, call, kind) => {
        const made = call(provider);
        // What the provider has not cannot be called.
        if (made) await expect(made).rejects.toMatchObject({ kind });
      });

      it('names the field that is wrong', async () => {
        await expect(provider.create({ ...request, vcpu: 9 })).rejects.toMatchObject({
          fields: [{ field: 'vcpu', error: expect.stringContaining('1 and 8') }],
        });
      });

      it('made by a stranger is unauthorized, on a WebSocket too', async () => {
        const { id } = await make();
        await expect(subject.stranger.list()).rejects.toMatchObject({ kind: 'unauthorized' });
        await expect(subject.stranger.terminals?.connect(id, 'x')).rejects.toMatchObject({
          kind: 'unauthorized',
        });
      });

      it('ends at once when it is cancelled', async () => {
        const { id } = await make();
        const controller = new AbortController();
        const running = provider.exec?.run(id, 'sleep 600', {
          signal: controller.signal,
          timeoutMs: 600_000,
        });
        setTimeout(() => controller.abort(), 100);
        await expect(running).rejects.toMatchObject({ kind: 'cancelled' });
      });

      it('ends when it takes longer than it may', async () => {
        const { id } = await make();
        await expect(provider.exec?.run(id, 'sleep 600', { timeoutMs: 200 })).rejects.toMatchObject({
          kind: 'timeout',
        });
      });
    });

    commandPromises(workshop);
    terminalPromises(workshop);
    snapshotPromises(workshop);
    sshPromises(workshop);
  });
}
