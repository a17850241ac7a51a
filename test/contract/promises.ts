import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ErrorKind } from '../../src/sandboxes/errors.ts';
import type { CreateRequest, Provider } from '../../src/sandboxes/provider.ts';
import { isTransition, type SandboxRecord, type SandboxState } from '../../src/sandboxes/sandbox.ts';
import { Screen } from './screen.ts';

/** A provider under test, with what only its service's owner can do. */
export interface Subject {
  readonly provider: Provider;
  /** The same service, asked with a credential that it does not know. */
  readonly stranger: Provider;
  dispose(): Promise<void>;
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

    describe('a sandbox', () => {
      it('runs after it was created, with what was asked for', async () => {
        const sandbox = await make();
        expect(sandbox).toMatchObject({ state: 'running', vcpu: 1, memoryMib: 512, timeoutSeconds: 600 });
        expect(sandbox.createdAt).toBeGreaterThan(Date.now() - 3_600_000);
      });

      it('stands in the list with the time of its end', async () => {
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
        await provider.stop?.(id);
        await expectState(id, 'stopped');
        await provider.start?.(id);
        await expectState(id, 'running');
        await provider.delete(id);
        await expect(provider.get(id)).rejects.toMatchObject({ kind: 'notFound' });
        expect((await provider.list()).map((record) => record.id)).not.toContain(id);
      });

      it('is two when it is asked for twice', async () => {
        const [one, two] = await Promise.all([provider.create(request), provider.create(request)]);
        expect(one.id).not.toBe(two.id);
        await Promise.all([settle(one.id), settle(two.id)]);
      });

      it('keeps its files while it is stopped', async () => {
        const { id } = await make();
        await provider.exec?.run(id, 'echo kept > file');
        await provider.stop?.(id);
        await expectState(id, 'stopped');
        await provider.start?.(id);
        await expectState(id, 'running');
        expect((await provider.exec?.run(id, 'cat file'))?.stdout).toBe('kept\n');
      });

      it('keeps its processes while it is paused, and they rest', async () => {
        const { id } = await make();
        const count = async () => Number((await provider.exec?.run(id, 'cat count'))?.stdout);
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
        const alive = await provider.exec?.run(id, 'pgrep -c sleep || true');
        expect(Number(alive?.stdout)).toBeGreaterThan(0);
      });
    });

    describe('a call that its state does not allow', () => {
      it.each([
        ['resume', 'stop', 'pause'],
        ['start', 'pause', 'stop'],
      ] as const)(
        'is a conflict after the way there: neither %s nor %s after %s',
        async (_, second, first) => {
          const { id } = await make();
          await provider[first]?.(id);
          await settle(id);
          await expect(provider[second]?.(id)).rejects.toMatchObject({ kind: 'conflict' });
          await expect(provider[first]?.(id)).rejects.toMatchObject({ kind: 'conflict' });
        },
      );

      it('is a conflict: a running sandbox cannot be started', async () => {
        const { id } = await make();
        await expect(provider.start?.(id)).rejects.toMatchObject({ kind: 'conflict' });
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
        await expect(call(provider)).rejects.toMatchObject({ kind });
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

    describe('a terminal', () => {
      const openTerminal = async () => {
        const { id } = await make();
        const session = await provider.terminals?.create(id, { cols: 90, rows: 33 });
        if (!session || !provider.terminals) throw new Error('no terminals');
        const screen = await Screen.of(await provider.terminals.connect(id, session.id));
        return { id, session, screen, terminals: provider.terminals };
      };

      it('starts at the size it was asked for, and follows a new one', async () => {
        const { screen } = await openTerminal();
        screen.type('stty size\n');
        await screen.shows('33 90');
        await screen.channel.resize(120, 40);
        screen.type('stty size\n');
        await screen.shows('40 120');
        screen.channel.close();
      });

      it('is a terminal with job control', async () => {
        const { screen } = await openTerminal();
        screen.type('tty; sleep 300 & jobs\n');
        await screen.shows('/dev/pts/');
        await screen.shows('Running');
        screen.channel.close();
      });

      it('ends with the exit code of its shell', async () => {
        const { screen } = await openTerminal();
        screen.type('exit 3\n');
        expect(await screen.end).toEqual({ kind: 'exited', exitCode: 3 });
      });

      it('takes a paste of a megabyte whole', async () => {
        const { screen } = await openTerminal();
        const line = `${'0123456789'.repeat(7)}\n`;
        const lines = Math.ceil(1_000_000 / line.length);
        screen.type('cat > paste; wc -c < paste\n');
        await screen.shows('wc -c');
        screen.type(line.repeat(lines));
        screen.type('\u0004');
        await screen.shows(`\r\n${lines * line.length}\r\n`);
        screen.channel.close();
      });

      it('leaves its session, which can be connected to again and shows what was there', async () => {
        const { id, session, screen, terminals } = await openTerminal();
        screen.type('echo mark-$((6 * 7))\n');
        await screen.shows('mark-42');
        screen.channel.close();
        expect((await terminals.list(id)).map((one) => one.id)).toEqual([session.id]);
        const again = await Screen.of(await terminals.connect(id, session.id));
        await again.shows('mark-42');
        again.channel.close();
      });

      it('ends when its session is deleted', async () => {
        const { id, session, screen, terminals } = await openTerminal();
        await terminals.delete(id, session.id);
        expect((await screen.end).kind).toBe('exited');
        expect(await terminals.list(id)).toEqual([]);
      });

      it('is disconnected by a pause, and its shell goes on after it', async () => {
        const { id, session, screen, terminals } = await openTerminal();
        screen.type('x=still-here\n');
        await provider.pause?.(id);
        expect(await screen.end).toMatchObject({ kind: 'disconnected' });
        await expectState(id, 'paused');
        await provider.resume?.(id);
        const again = await Screen.of(await terminals.connect(id, session.id));
        again.type('echo "<$x>"\n');
        await again.shows('<still-here>');
        again.channel.close();
      });

      it('is disconnected when its sandbox is deleted', async () => {
        const { id, screen } = await openTerminal();
        await provider.delete(id);
        expect(await screen.end).toMatchObject({ kind: 'disconnected' });
      });
    });
  });
}
