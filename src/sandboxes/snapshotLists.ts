import { Emitter } from '../common/event.ts';
import { FreshLists } from '../common/freshLists.ts';
import type { Fleet } from './fleet.ts';
import type { Snapshot } from './snapshots.ts';

/** The snapshots of the accounts that somebody looks at. */
export class SnapshotLists {
  readonly #fleet: Fleet;
  readonly #lists = new FreshLists<Snapshot>();
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  /** @throws ProviderError when they cannot be read; an account without a list of them has none to show */
  list(accountId: string): Promise<readonly Snapshot[]> {
    return this.#lists.get(accountId, () => this.#read(accountId));
  }

  /** Forgets what is known, of one account or of all, so that the next look reads it again. */
  forget(accountId?: string): void {
    this.#lists.forget(accountId);
    this.#changed.fire();
  }

  async #read(accountId: string): Promise<readonly Snapshot[]> {
    const snapshots = await this.#fleet.account(accountId).snapshots();
    return (await snapshots.list?.()) ?? [];
  }
}
