import { describe, expect, it } from 'vitest';
import type { ExecOptions, Execution } from '../../src/sandboxes/provider.ts';
import type { Workshop } from './promises.ts';

/** What every provider that runs commands promises. */
export function commandPromises({ provider, oneOutput, make }: Workshop): void {
  describe('a command', () => {
    const run = async (command: string, options?: ExecOptions) => {
      const { id } = await make();
      const execution = await provider().exec?.run(id, command, options);
      if (!execution) throw new Error('no commands');
      return execution;
    };

    it('answers its exit code and both of its outputs', async () => {
      const execution = await run('echo out; echo err >&2; exit 7');
      expect(execution.exitCode).toBe(7);
      const outputs = [textOf(execution), Buffer.from(execution.stderr).toString()];
      expect(outputs).toEqual(oneOutput() ? ['out\nerr\n', ''] : ['out\n', 'err\n']);
    });

    it('runs in the folder and with the variables that it was given', async () => {
      const env = { WORD: `a 'quoted' "$HOME" word\n` };
      expect(textOf(await run('pwd; printf %s "$WORD"', { cwd: '/usr', env }))).toBe(`/usr\n${env.WORD}`);
    });

    it('has a terminal when it asks for one, and keeps its exit code', async () => {
      const execution = await run(`tty && echo 'it''s' "$((1 + 1))"; exit 3`, { tty: true });
      expect(execution.exitCode).toBe(3);
      expect(textOf(execution)).toMatch(/^\/dev\/pts\/\d+\r\nits 2\r\n$/);
    });
  });
}

export const textOf = (execution: Execution | undefined): string =>
  Buffer.from(execution?.stdout ?? []).toString('utf8');
