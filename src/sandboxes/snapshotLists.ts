import type { Fleet } from './fleet.ts';
import { FreshLists } from './freshLists.ts';
import type { Snapshot } from './snapshots.ts';

/** The snapshots of the accounts that somebody looks at. */
export class SnapshotLists {
  readonly #fleet: Fleet;
  readonly #lists = new FreshLists<Snapshot>();
  readonly onDidChange = this.#lists.onDidChange;

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  /** @throws ProviderError when they cannot be read; an account without a list of them has none to show */
  list(accountId: string): Promise<readonly Snapshot[]> {
    return this.#lists.get(accountId, () => this.#read(accountId));
  }

  /** Lists them as they are now, however fresh the known list is. @throws ProviderError when they cannot be read */
  refresh(accountId: string): Promise<readonly Snapshot[]> {
    return this.#lists.refresh(accountId, () => this.#read(accountId));
  }

  /** Forgets what is known, of one account or of all, so that the next look reads it again. */
  forget(accountId?: string): void {
    this.#lists.forget(accountId);
  }

  async #read(accountId: string): Promise<readonly Snapshot[]> {
    const snapshots = await this.#fleet.account(accountId).snapshots();
    return (await snapshots.list?.()) ?? [];
  }
}
