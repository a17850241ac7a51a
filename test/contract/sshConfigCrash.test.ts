import { existsSync, readdirSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Machine, withMachine } from './sshConfig/machine.ts';

const line = 'Include "~/.ssh/sandbox-explorer/config"\n';
const theirs = 'Host work\n  Port 2222\n';
const atOnce = 4;

const lockOf = (machine: Machine): string => `${machine.ours}.lock`;

/** As if the time had passed for which the lock of a dead process counts. */
function outliveLock(machine: Machine): void {
  const lock = lockOf(machine);
  const longAgo = Date.now() / 1000 - 11;
  if (existsSync(lock)) utimesSync(lock, longAgo, longAgo);
}

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
  expect(machine.halfWritten()).toEqual([]);
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

/** Goes through every nth use of the file system, several of them at once. */
async function crashAtEvery(step: number, each: Case): Promise<void> {
  let uses = 0;
  let next = 1 - step;
  const work = async (machine: Machine) => {
    await each.prepare(machine);
    machine.save();
    uses ||= (await machine.do(each.deed, orderOf(each))).uses;
    while (next + step <= uses) {
      const use = (next += step);
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
  expect(uses).toBeGreaterThan(20);
}

describe('a crash', () => {
  const timeout = 300_000;
  const promise = 'leaves the old or the new; then it works, and so does getting rid of us';

  /** What changes a file that is the user's own: each of its uses of the file system is tried in every run. */
  const thorough = 'adding the line to a config';
  it.for(Object.entries(cases))(`at any moment of %s ${promise}`, { timeout }, ([name, each]) =>
    crashAtEvery(name === thorough ? 1 : 5, each),
  );

  const others = Object.entries(cases).filter(([name]) => name !== thorough);
  const tags = ['full'];
  it.for(others)(`at each single moment of %s ${promise}`, { timeout, tags }, ([, each]) =>
    crashAtEvery(1, each),
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
