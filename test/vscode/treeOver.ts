import { Emitter } from '../../src/common/event.ts';
import { everything } from '../../src/sandboxes/arrange.ts';
import { ProviderError } from '../../src/sandboxes/errors.ts';
import { Fleet } from '../../src/sandboxes/fleet.ts';
import type { PresignedUrl } from '../../src/sandboxes/ports.ts';
import type { Provider, Terminals } from '../../src/sandboxes/provider.ts';
import type { SandboxRecord, SandboxState, Session } from '../../src/sandboxes/sandbox.ts';
import { Sessions } from '../../src/sandboxes/sessions.ts';
import { SnapshotLists } from '../../src/sandboxes/snapshotLists.ts';
import type { Snapshot, Snapshots } from '../../src/sandboxes/snapshots.ts';
import { Tree } from '../../src/window/explorer/tree.ts';
import { MemorySharing } from '../unit/sandboxes/memorySharing.ts';

export const session = (id: string, more: Partial<Session> = {}): Session => ({
  id,
  cwd: '/root',
  createdAt: 0,
  active: true,
  exitCode: undefined,
  ...more,
});

export const snapshot = (name: string, more: Partial<Snapshot> = {}): Snapshot => ({
  id: `id-of-${name}`,
  name,
  createdAt: undefined,
  template: 'debian',
  templateId: undefined,
  vcpu: undefined,
  memoryMib: undefined,
  diskMib: undefined,
  network: undefined,
  ...more,
});

/** A service whose answers the test sets, and whose calls it counts. */
export class Service {
  sandboxes: SandboxRecord[] = [];
  list = async (): Promise<SandboxRecord[]> => this.sandboxes;
  sessions = async (): Promise<Session[]> => [];
  snapshots: (() => Promise<Snapshot[]>) | undefined;
  readonly calls: string[] = [];
  /** The greatest number of lists of one kind that were asked for at the same time. */
  mostAtOnce = 0;
  readonly #underWay = new Map<string, number>();

  get provider(): Provider {
    const refuse = async () => {
      throw new ProviderError('invalid', 'This service only answers lists.');
    };
    const range = { min: 1, max: 1, default: 1 };
    const terminals: Terminals = {
      list: () => this.#call('sessions', () => this.sessions()),
      create: refuse,
      delete: refuse,
      connect: refuse,
    };
    const snapshots: Snapshots = {
      maxNameLength: 64,
      create: refuse,
      restore: refuse,
      delete: refuse,
      list: () => this.#call('snapshots', () => this.snapshots?.() ?? refuse()),
    };
    return {
      createLimits: {
        templates: [],
        vcpu: range,
        memoryMib: range,
        timeoutMinutes: range,
        autoPause: true,
      },
      list: () => this.list(),
      get: async (id) => this.sandboxes.find((one) => one.id === id) ?? refuse(),
      create: refuse,
      delete: refuse,
      terminals,
      ...(this.snapshots && { snapshots }),
      dispose: () => {},
    };
  }

  count(call: string): number {
    return this.calls.filter((one) => one === call).length;
  }

  async #call<T>(name: string, answer: () => Promise<T>): Promise<T> {
    this.calls.push(name);
    const underWay = (this.#underWay.get(name) ?? 0) + 1;
    this.#underWay.set(name, underWay);
    this.mostAtOnce = Math.max(this.mostAtOnce, underWay);
    try {
      return await answer();
    } finally {
      this.#underWay.set(name, (this.#underWay.get(name) ?? 0) - 1);
    }
  }
}

export const sandbox = (
  id: string,
  state: SandboxState,
  more: Partial<SandboxRecord> = {},
): SandboxRecord => ({
  id,
  state,
  createdAt: 0,
  template: 'debian',
  ...more,
});

/** The tree over services, by the names of their accounts, with a URL and a port of the sandbox `box`. */
export async function treeOver(services: Readonly<Record<string, Service>>) {
  const fleet = new Fleet(async () => new MemorySharing());
  for (const [name, { provider }] of Object.entries(services)) {
    fleet.addAccount({ id: name.toLowerCase(), name, provider: 'leap0' }, async () => provider);
  }
  await fleet.refresh();
  const { event: onDidChange } = new Emitter<void>();
  const ofBox =
    <T>(one: T) =>
    ({ id }: { readonly id: string }) =>
      id === 'box' ? [one] : [];
  const sessions = new Sessions(fleet);
  const tree = new Tree({
    fleet,
    sessions,
    snapshots: new SnapshotLists(fleet),
    urls: { of: ofBox(url), onDidChange },
    forwards: {
      of: ofBox({ port: 80, localPort: 8080, ended: new Promise<string>(() => {}), dispose: () => {} }),
      onDidChange,
    },
    arrangement: { current: { ...everything, sort: 'name', filter: 'debian' }, onDidChange },
    isAttached: (_, id) => id === 'mine',
  });
  tree.setVisible(true);
  return { fleet, sessions, tree };
}

export const url: PresignedUrl = {
  id: 'u1',
  url: 'https://preview.example.com/?token=s3cret',
  token: 's3cret',
  port: 3000,
  expiresAt: Date.now() + 3_600_000,
};
