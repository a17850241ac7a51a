import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withMachine } from './sshConfig/machine.ts';

const line = 'Include "~/.ssh/sandbox-explorer/config"\n';
const theirs = 'Host work\n  Port 2222\n';

describe('several at once', () => {
  /** Has two windows of one editor, and another editor, each write so many hosts at the same time. */
  const writeAtOnce = (rounds: number) =>
    withMachine(async (machine) => {
      machine.file(machine.config, theirs);
      await machine.do('add', {});
      const names = (prefix: string) => Array.from({ length: rounds }, (_, n) => `${prefix}-${n}`);
      const writers = [
        machine.do('putOneByOne', { editor: 'code', sandboxes: names('a') }),
        machine.do('putOneByOne', { editor: 'code', sandboxes: names('b') }),
        machine.do('putOneByOne', { editor: 'cursor', sandboxes: names('a') }),
      ];
      for (const { error } of await Promise.all(writers)) expect(error).toBeUndefined();
      const fragment = (editor: string) => machine.read(join(machine.ours, 'config.d', editor));
      const hosts = ['code', 'cursor'].flatMap((editor) => fragment(editor).match(/^Host .+$/gm) ?? []);
      expect(hosts).toHaveLength(3 * rounds);
      expect(new Set(hosts).size).toBe(3 * rounds);
      expect(machine.halfWritten()).toEqual([]);
    });

  it('lose nothing of each other’s hosts: two windows of one editor, and another editor', () =>
    writeAtOnce(20));

  it('lose nothing of each other’s hosts in 100 rounds', { tags: ['full'], timeout: 300_000 }, () =>
    writeAtOnce(100),
  );

  it('lose nothing of the user’s config in 100 rounds', async () => {
    await withMachine(async (machine) => {
      machine.file(machine.config, theirs);
      const change = () => machine.do('addAndRemove', { rounds: 100 });
      for (const { error } of await Promise.all([change(), change()])) expect(error).toBeUndefined();
      expect(machine.read()).toBe(theirs);
      expect(machine.halfWritten()).toEqual([]);
    });
  });

  it.each([
    ['once', '[ -e "$HOME/done" ] && exec /usr/bin/ssh "$@"; touch "$HOME/done"', 1],
    ['again and again', '', 5],
  ])(
    'lose nothing of what another program has written %s by the time they are done',
    async (_, unless, notes) => {
      await withMachine(async (machine) => {
        machine.file(machine.config, theirs);
        // While ssh reads the new config, another program saves a change to the old one.
        const save = 'cp "$F" "$F.tmp"; echo "# note" >> "$F.tmp"; mv "$F.tmp" "$F"';
        const ssh = `#!/bin/sh\n${unless}\nF="$HOME/.ssh/config"; ${save}\nexec /usr/bin/ssh "$@"\n`;
        machine.file(join(machine.home, 'bin/ssh'), ssh, 0o755);
        const path = ['--setenv', 'PATH', `${machine.home}/bin:/usr/bin:/bin`];
        const { output } = await machine.run(machine.command('add', {}), path);
        const after = theirs + '# note\n'.repeat(notes);
        if (notes === 1) expect(machine.read()).toBe(line + after);
        else expect(JSON.parse(output).error).toContain('another program meanwhile. Nothing was changed.');
        if (notes > 1) expect(machine.read()).toBe(after);
        expect(machine.halfWritten()).toEqual([]);
      });
    },
  );
});

describe('a full disk', () => {
  const size = 512 * 1024;
  const long = Array.from({ length: 4_000 }, (_, n) => `Host h${n}\n  Port ${n + 1}\n`).join('');

  it.each([0, 4, 12, 16, 24, 48, 80])(
    'with %i KiB left changes nothing, says so, and leaves nothing',
    async (free) => {
      await withMachine(async (machine) => {
        const before = machine.file(join(machine.home, 'before'), long);
        const script = `
        cp "$BEFORE" "$CONFIG" && chmod 600 "$CONFIG" || exit 1
        head -c 1M /dev/zero > ~/.ssh/filler 2>/dev/null
        truncate -s -${free}K ~/.ssh/filler
        "$@"
        cmp "$BEFORE" "$CONFIG" && ls -A ~/.ssh ~/.ssh/sandbox-explorer | grep new$
        rm ~/.ssh/filler
        "$@"
        head -n 1 "$CONFIG"; tail -n +2 "$CONFIG" | cmp - "$BEFORE"`;
        machine.folder(machine.ssh);
        const jail = ['--size', String(size), '--tmpfs', machine.ssh];
        const { output, errors } = await machine.run(
          ['sh', '-c', script, 'sh', ...machine.command('add', {})],
          jail,
          {
            BEFORE: before,
            CONFIG: machine.config,
          },
        );
        const [full = '', freed = '', ...rest] = output.split('\n');
        expect(JSON.parse(full).error).toContain('the disk is full. Nothing was changed.');
        expect(JSON.parse(freed)).toMatchObject({ result: {} });
        expect(rest).toEqual([line.trim(), '']);
        expect(errors).toBe('');
      });
    },
  );
});
