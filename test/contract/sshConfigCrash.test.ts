import { existsSync, readdirSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Machine } from './sshConfig/machine.ts';

const line = 'Include "~/.ssh/sandbox-explorer/config"\n';
const theirs = 'Host work\n  Port 2222\n';
const atOnce = 4;

async function withMachine<T>(task: (machine: Machine) => Promise<T>): Promise<T> {
  const machine = new Machine();
  try {
    return await task(machine);
  } finally {
    machine.dispose();
  }
}

const lockOf = (machine: Machine): string => `${machine.ours}.lock`;

/** As if the time had passed for which the lock of a dead process counts. */
function outliveLock(machine: Machine): void {
  const lock = lockOf(machine);
  const longAgo = Date.now() / 1000 - 11;
  if (existsSync(lock)) utimesSync(lock, longAgo, longAgo);
}

/** Half-written files anywhere below the folder. */
const leftovers = (machine: Machine): string[] =>
  readdirSync(machine.ssh, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('new'));

interface Case {
  readonly deed: 'add' | 'remove' | 'put' | 'drop' | 'keyPair' | 'removeEverything';
  readonly sandboxes?: readonly string[];
  prepare(machine: Machine): Promise<unknown>;
  /** The config before and after. */
  readonly configs: readonly [before: string | undefined, after: string | undefined];
  /** The hosts before and after. */
  readonly hosts?: readonly [before: readonly string[], after: readonly string[]];
}

const withTheirs = async (machine: Machine) => machine.file(machine.config, theirs);
const withHosts = (sandboxes: readonly string[]) => async (machine: Machine) => {
  machine.file(machine.config, theirs);
  await machine.do('add', {});
  await machine.do('put', { sandboxes });
};

const cases: Record<string, Case> = {
  'adding the line to a config': {
    deed: 'add',
    prepare: withTheirs,
    configs: [theirs, line + theirs],
  },
  'making a config for the line': {
    deed: 'add',
    prepare: async () => undefined,
    configs: [undefined, line],
  },
  'taking the line out of a config': {
    deed: 'remove',
    prepare: async (machine) => {
      machine.file(machine.config, theirs);
      await machine.do('add', {});
    },
    configs: [line + theirs, theirs],
  },
  'removing the config that was made for the line': {
    deed: 'remove',
    prepare: async (machine) => await machine.do('add', {}),
    configs: [line, undefined],
  },
  'putting the first hosts of all': {
    deed: 'put',
    sandboxes: ['web', 'db'],
    prepare: withTheirs,
    configs: [theirs, theirs],
    hosts: [[], ['local-web', 'local-db']],
  },
  'putting hosts': {
    deed: 'put',
    sandboxes: ['web', 'db'],
    prepare: withHosts(['old']),
    configs: [line + theirs, line + theirs],
    hosts: [['local-old'], ['local-old', 'local-web', 'local-db']],
  },
  'removing a host': {
    deed: 'drop',
    sandboxes: ['web'],
    prepare: withHosts(['old', 'web']),
    configs: [line + theirs, line + theirs],
    hosts: [['local-old', 'local-web'], ['local-old']],
  },
  'making the keys': {
    deed: 'keyPair',
    prepare: withTheirs,
    configs: [theirs, theirs],
  },
  'removing everything': {
    deed: 'removeEverything',
    prepare: async (machine) => {
      await withHosts(['web'])(machine);
      await machine.do('keyPair', {});
    },
    configs: [line + theirs, theirs],
    hosts: [['local-web'], []],
  },
};

const configOf = (machine: Machine) => (existsSync(machine.config) ? machine.read() : undefined);

function hostsOf(machine: Machine): readonly string[] {
  const fragment = join(machine.ours, 'config.d/code');
  const text = existsSync(fragment) ? readFileSync(fragment, 'utf8') : '';
  return [...text.matchAll(/^Host (.+)$/gm)].map(([, name = '']) => name);
}

const orderOf = ({ sandboxes = [] }: Case) => ({ sandboxes, editors: ['code'] });

/** Crashes at a use of the file system, and looks at what is left. */
async function crash(machine: Machine, each: Case, use: number): Promise<void> {
  const { deed, configs, hosts } = each;
  expect(await machine.try(deed, { ...orderOf(each), crashAt: use })).toMatchObject({
    code: 137,
    output: '',
  });
  expect(configs).toContain(configOf(machine));
  expect(hosts ?? [[]]).toContainEqual(hostsOf(machine));
  outliveLock(machine);
}

/** Does something as if nothing had happened: `ssh` works, and so does that. */
async function doAfterwards(machine: Machine, deed: Case['deed'], order: ReturnType<typeof orderOf>) {
  const command = machine.command(deed, order);
  const after = ['sh', '-c', 'ssh -G work >/dev/null && exec "$@"', 'sh', ...command];
  const { output, errors } = await machine.run(after);
  expect(errors).not.toContain('config');
  const answer = JSON.parse(output);
  expect(answer).not.toHaveProperty('error');
  return answer.result;
}

type Ending = (machine: Machine, each: Case) => Promise<void>;

const goOn: Ending = async (machine, each) => {
  const { deed, configs, hosts } = each;
  await doAfterwards(machine, deed, orderOf(each));
  expect(configOf(machine)).toBe(configs[1]);
  expect(hostsOf(machine)).toEqual(hosts?.[1] ?? []);
  expect(leftovers(machine)).toEqual([]);
};

/** Gets rid of us: then all is as it was before us. */
const giveUp: Ending = async (machine, each) => {
  expect(await doAfterwards(machine, 'removeEverything', orderOf(each))).toEqual([]);
  const before = each.configs.includes(undefined) ? undefined : theirs;
  expect(configOf(machine)).toBe(before);
  const left = existsSync(machine.ssh) ? readdirSync(machine.ssh) : [];
  expect(left).toEqual(before === undefined ? [] : ['config']);
};

const endings: Readonly<Record<Case['deed'], readonly Ending[]>> = {
  add: [goOn, giveUp],
  put: [goOn, giveUp],
  keyPair: [goOn, giveUp],
  remove: [goOn],
  drop: [goOn],
  removeEverything: [giveUp],
};

describe('a crash', () => {
  it.each(Object.entries(cases))(
    'at any moment of %s leaves the old or the new; then it works, and so does getting rid of us',
    async (_, each) => {
      let uses = 0;
      let next = 0;
      const work = async (machine: Machine) => {
        await each.prepare(machine);
        machine.save();
        uses ||= (await machine.do(each.deed, orderOf(each))).uses;
        while (next < uses) {
          const use = ++next;
          for (const end of endings[each.deed]) {
            machine.restore();
            await crash(machine, each, use)
              .then(() => end(machine, each))
              .catch((error: unknown) => {
                throw new Error(`After a crash at use ${use} of ${uses}`, { cause: error });
              });
          }
        }
      };
      await Promise.all(Array.from({ length: atOnce }, () => withMachine(work)));
      expect(next).toBeGreaterThan(20);
    },
    300_000,
  );

  it('keeps the others waiting no longer than its lock counts', async () => {
    await withMachine(async (machine) => {
      machine.file(machine.config, theirs);
      let use = 1;
      while (!existsSync(lockOf(machine))) await machine.try('add', { crashAt: use++ });
      expect(await machine.do('add', {})).toMatchObject({ result: {} });
      expect(machine.read()).toBe(line + theirs);
    });
  });
});

describe('several at once', () => {
  it('lose nothing of each other’s hosts in 100 rounds: two windows of one editor, and another editor', async () => {
    await withMachine(async (machine) => {
      machine.file(machine.config, theirs);
      await machine.do('add', {});
      const names = (prefix: string) => Array.from({ length: 100 }, (_, n) => `${prefix}-${n}`);
      const writers = [
        machine.do('putOneByOne', { editor: 'code', sandboxes: names('a') }),
        machine.do('putOneByOne', { editor: 'code', sandboxes: names('b') }),
        machine.do('putOneByOne', { editor: 'cursor', sandboxes: names('a') }),
      ];
      for (const { error } of await Promise.all(writers)) expect(error).toBeUndefined();
      const fragment = (editor: string) => machine.read(join(machine.ours, 'config.d', editor));
      const hosts = ['code', 'cursor'].flatMap((editor) => fragment(editor).match(/^Host .+$/gm) ?? []);
      expect(hosts).toHaveLength(300);
      expect(new Set(hosts).size).toBe(300);
      expect(leftovers(machine)).toEqual([]);
    });
  });

  it('lose nothing of the user’s config in 100 rounds', async () => {
    await withMachine(async (machine) => {
      machine.file(machine.config, theirs);
      const change = () => machine.do('addAndRemove', { rounds: 100 });
      for (const { error } of await Promise.all([change(), change()])) expect(error).toBeUndefined();
      expect(machine.read()).toBe(theirs);
      expect(leftovers(machine)).toEqual([]);
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
        // While ssh reads the new config, somebody saves a change to the old one.
        const save = 'cp "$F" "$F.tmp"; echo "# note" >> "$F.tmp"; mv "$F.tmp" "$F"';
        const ssh = `#!/bin/sh\n${unless}\nF="$HOME/.ssh/config"; ${save}\nexec /usr/bin/ssh "$@"\n`;
        machine.file(join(machine.home, 'bin/ssh'), ssh, 0o755);
        const path = ['--setenv', 'PATH', `${machine.home}/bin:/usr/bin:/bin`];
        const { output } = await machine.run(machine.command('add', {}), path);
        const after = theirs + '# note\n'.repeat(notes);
        if (notes === 1) expect(machine.read()).toBe(line + after);
        else expect(JSON.parse(output).error).toContain('another program meanwhile. Nothing was changed.');
        if (notes > 1) expect(machine.read()).toBe(after);
        expect(leftovers(machine)).toEqual([]);
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
