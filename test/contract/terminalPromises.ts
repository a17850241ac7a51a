import { describe, expect, it } from 'vitest';
import type { Workshop } from './promises.ts';
import { Screen } from './screen.ts';

/** What every provider with terminals promises. */
export function terminalPromises({ provider, make, expectState }: Workshop): void {
  describe('a terminal', () => {
    const openTerminal = async () => {
      const { id } = await make();
      const { terminals } = provider();
      if (!terminals) throw new Error('no terminals');
      const session = await terminals.create(id, { cols: 90, rows: 33 });
      const screen = await Screen.of(await terminals.connect(id, session.id));
      return { id, session, screen, terminals };
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

    it('has the ID, the folder and the variables that it was asked for, and no other has its ID', async () => {
      const { id } = await make();
      const { terminals } = provider();
      if (!terminals) throw new Error('no terminals');
      const { maxIdLength = 0 } = terminals;
      const wanted = maxIdLength > 0 ? 'a'.repeat(maxIdLength) : undefined;
      const request = { id: wanted, cols: 90, rows: 33, cwd: '/tmp', env: { WORD: "it's $me" } };
      const session = await terminals.create(id, request);
      if (wanted) {
        expect(session.id).toBe(wanted);
        await expect(terminals.create(id, request)).rejects.toMatchObject({ kind: 'conflict' });
      }
      const screen = await Screen.of(await terminals.connect(id, session.id));
      screen.type('echo "<$PWD|$WORD>"\n');
      await screen.shows("</tmp|it's $me>");
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
      screen.type('cat > paste; echo "=$(wc -c < paste)="\n');
      await screen.shows('wc -c');
      screen.type(line.repeat(lines));
      screen.type('\u0004');
      // The kernel may leave out some of the echo, but nothing of what is typed.
      await screen.shows(`=${lines * line.length}=`);
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
      await provider().pause?.(id);
      expect(await screen.end).toMatchObject({ kind: 'disconnected' });
      await expectState(id, 'paused');
      await provider().resume?.(id);
      const again = await Screen.of(await terminals.connect(id, session.id));
      again.type('echo "<$x>"\n');
      await again.shows('<still-here>');
      again.channel.close();
    });

    it('is disconnected when its sandbox is deleted', async () => {
      const { id, screen } = await openTerminal();
      await provider().delete(id);
      expect(await screen.end).toMatchObject({ kind: 'disconnected' });
    });
  });
}
