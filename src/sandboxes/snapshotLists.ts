import { Emitter } from '../common/event.ts';
import type { Fleet } from './fleet.ts';
import type { Snapshot } from './snapshots.ts';

/** A list of snapshots is read again when somebody looks at it after this time. */
const freshMs = 15_000;

interface Reading {
  readonly readAt: number;
  readonly list: Promise<readonly Snapshot[]>;
}

/** The snapshots of the accounts that somebody looks at. */
export class SnapshotLists {
  readonly #fleet: Fleet;
  readonly #lists = new Map<string, Reading>();
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  /** @throws ProviderError when they cannot be read; an account without a list of them has none to show */
  async list(accountId: string): Promise<readonly Snapshot[]> {
    const known = this.#lists.get(accountId);
    if (known && Date.now() - known.readAt < freshMs) return known.list;
    const list = this.#read(accountId);
    this.#lists.set(accountId, { readAt: Date.now(), list });
    list.catch(() => this.#lists.delete(accountId));
    return list;
  }

  /** Forgets what is known, of one account or of all, so that the next look reads it again. */
  forget(accountId?: string): void {
    if (accountId === undefined) this.#lists.clear();
    else this.#lists.delete(accountId);
    this.#changed.fire();
  }

  async #read(accountId: string): Promise<readonly Snapshot[]> {
    const snapshots = await this.#fleet.account(accountId).snapshots();
    return (await snapshots.list?.()) ?? [];
  }
}
