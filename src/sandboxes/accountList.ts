import { DisposableStore, type Disposable } from '../common/disposable.ts';
import { Emitter } from '../common/event.ts';
import { once } from '../common/once.ts';
import { accountFields, type AccountSettings } from './account.ts';
import type { Sharing } from './sharing.ts';

type List = readonly AccountSettings[];

/** Where the user can write the list by hand. */
export interface ListInSettings {
  /** As this window knows it. */
  read(): List;
  /** @throws Error when it cannot be written */
  write(accounts: List): Promise<void>;
}

export interface AccountListOptions {
  readonly settings: ListInSettings;
  readonly share: () => Promise<Sharing>;
  /** Since when the settings have been as they are read now; milliseconds since 1970. */
  readonly since: number;
}

/**
 * The accounts as whoever changed them last has left them: a window, or the user by hand. Not every editor tells a
 * window of settings that another one has written, so windows tell each other, and a window trusts its settings only
 * where it knows of nothing newer.
 */
export class AccountList implements Disposable {
  readonly #settings: ListInSettings;
  readonly #share: () => Promise<Sharing>;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new Emitter<void>());
  readonly onDidChange = this.#changed.event;
  #accounts: List;
  #since: number;
  readonly #follow = once(async () => {
    const { list } = (await this.#share()).accounts;
    this.#store.add(list.watch(() => void this.heed()));
  });

  constructor({ settings, share, since }: AccountListOptions) {
    this.#settings = settings;
    this.#share = share;
    this.#since = since;
    this.#accounts = settings.read();
  }

  get accounts(): List {
    return this.#accounts;
  }

  /**
   * Takes in what other windows have done, and from now on what they do. Never rejects: where nothing can be shared,
   * the window works alone.
   */
  async heed(): Promise<void> {
    try {
      await this.#follow();
      const shared = await (await this.#share()).accounts.list.read();
      if (shared && shared.changedAt > this.#since) this.#take(shared.accounts, shared.changedAt);
    } catch {
      // Whoever writes there is told why it cannot be used.
    }
  }

  /** Told that the settings have changed: they are newer than all that was known. Never rejects. */
  async hearOfSettings(): Promise<void> {
    this.#take(this.#settings.read(), this.#now());
    await this.#inTurn(async () => {
      await this.heed();
      await this.#tell();
    });
  }

  /**
   * Changes the list as it is in whichever window, one change at a time.
   * @throws Error when the settings cannot be written; nothing is changed then
   */
  async change(change: (accounts: List) => List): Promise<void> {
    await this.#inTurn(async () => {
      await this.heed();
      const accounts = change(this.#accounts);
      await this.#settings.write(accounts);
      this.#take(accounts, this.#now());
      await this.#tell();
    });
  }

  dispose(): void {
    this.#store.dispose();
  }

  /** Later than all that was heard of, whatever has been done to the clock. */
  #now(): number {
    return Math.max(Date.now(), this.#since + 1);
  }

  #take(accounts: List, since: number): void {
    this.#since = since;
    if (areSame(accounts, this.#accounts)) return;
    this.#accounts = accounts;
    this.#changed.fire();
  }

  async #inTurn(task: () => Promise<void>): Promise<void> {
    const sharing = await this.#share().catch(() => undefined);
    await (sharing ? sharing.accounts.inTurn(task) : task());
  }

  /** Tells the other windows, unless they know, or know better. Never rejects. */
  async #tell(): Promise<void> {
    const told = { accounts: this.#accounts, changedAt: this.#since };
    try {
      const { accounts } = await this.#share();
      await accounts.list.update((now) =>
        now && (now.changedAt > told.changedAt || areSame(now.accounts, told.accounts)) ? now : told,
      );
    } catch {
      // The settings are written, and most editors tell the other windows of these.
    }
  }
}

const areSame = (one: List, other: List): boolean =>
  one.length === other.length &&
  one.every((account, index) => accountFields.every((field) => account[field] === other[index]?.[field]));
