// A window without an editor: a fleet in a process of its own, which does what the process says that forked it.
import { plainNetwork } from '../../src/net/network.ts';
import { Leap0Provider } from '../../src/providers/leap0/provider.ts';
import { revisionB } from '../../src/providers/leap0/revisionB.ts';
import { actions } from '../../src/sandboxes/actions.ts';
import { arrange, everything } from '../../src/sandboxes/arrange.ts';
import { describe } from '../../src/sandboxes/describe.ts';
import { Fleet } from '../../src/sandboxes/fleet.ts';
import { openSharing } from '../../src/sharing/folder.ts';

const [folder = '', origin = ''] = process.argv.slice(2);
const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const request = { template: 'base', vcpu: 1, memoryMib: 1024, timeoutMinutes: 5, autoPause: false };

const provider = new Leap0Provider({
  endpoint: async () => ({ origin, headers: {} }),
  network: plainNetwork,
  log,
  timeouts: () => ({ callMs: 30_000, createMs: 30_000 }),
  templates: [],
  timeoutMinutes: 5,
  autoPause: false,
  hide: () => {},
  dialect: revisionB,
  networkLimits: {},
});
const fleet = new Fleet(async () => openSharing({ folder, log }));
fleet.addAccount({ id: 'a', name: 'A', provider: 'leap0' }, async () => provider);
const account = fleet.account('a');

/** What a row of the explorer is made of. */
function rows(): string[] {
  return fleet.views().flatMap(({ sandboxes, provider: opened }) =>
    arrange(sandboxes, everything).map((sandbox) => {
      const allowed = opened ? [...actions(sandbox, opened)].join(' ') : '';
      return `${sandbox.name} ${describe(sandbox, Date.now())} ${allowed}`;
    }),
  );
}

const commands = {
  show: async () => fleet.setVisible(true),
  hide: async () => fleet.setVisible(false),
  refresh: () => fleet.refresh(),
  create: async () => (await account.create(request)).id,
  rename: async (id: string, label: string) => {
    const sandbox = account.find(id);
    if (sandbox) await fleet.rename(sandbox, label);
  },
  pause: (id: string) => account.change(id, 'pause'),
  delete: (id: string) => account.delete(id),

  /** Resolves when a row looks like this. */
  seesRow: (pattern: string) => until(() => rows().some((row) => new RegExp(pattern).test(row))),
  /** Resolves when there are that many rows. */
  seesRows: (count: number) => until(() => account.view().sandboxes.length === count),

  /** The milliseconds of processor time that it takes to read the list and to make its rows. */
  async timeRefresh(): Promise<number> {
    const before = process.cpuUsage();
    await fleet.refresh();
    rows();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  },
};

export type WindowCommands = typeof commands;

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) {
    await new Promise<void>((resolve) => {
      const subscription = fleet.onDidChange(() => {
        subscription.dispose();
        resolve();
      });
    });
  }
}

async function run(name: keyof WindowCommands, args: unknown[]): Promise<void> {
  const command = commands[name] as (...given: unknown[]) => Promise<unknown>;
  const outcome = await command(...args).then(
    (result) => ({ result }),
    (error: unknown) => ({ error: String(error) }),
  );
  process.send?.(outcome);
}

process.on(
  'message',
  ({ name, args }: { name: keyof WindowCommands; args: unknown[] }) => void run(name, args),
);
process.send?.({ result: 'ready' });
