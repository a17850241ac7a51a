import { DisposableStore, type Disposable } from '../common/disposable.ts';
import { Emitter } from '../common/event.ts';
import { once } from '../common/once.ts';
import type { Account, AccountView } from './account.ts';
import { AccountFleet } from './accountFleet.ts';
import { ProviderError } from './errors.ts';
import { Names } from './names.ts';
import type { Provider } from './provider.ts';
import type { Sandbox } from './sandbox.ts';
import type { Sharing } from './sharing.ts';

/** Every sandbox of every account. */
export class Fleet implements Disposable {
  #accounts = new Map<string, AccountFleet>();
  readonly #share: () => Promise<Sharing>;
  readonly #names: Names;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new Emitter<void>());
  readonly onDidChange = this.#changed.event;
  readonly #closed = this.#store.add(new Emitter<Account>());
  /** Tells of an account that was closed. */
  readonly onDidClose = this.#closed.event;
  #visible = false;

  /**
   * @param share Opens what the windows have in common; called at the first use.
   * @param labels The labels to begin with, by key, where no window has kept any yet.
   */
  constructor(share: () => Promise<Sharing>, labels: () => Readonly<Record<string, string>> = () => ({})) {
    this.#share = once(share);
    this.#names = this.#store.add(new Names(async () => (await this.#share()).names, labels));
    this.#store.add(this.#names.onDidChange(() => this.#changed.fire()));
  }

  /**
   * @param load Opens the account's provider; not called before the account is used.
   * @param service Which service the account is read from, such as its address, where that may ever change: windows
   *   share only what they have read from the same one.
   */
  addAccount(
    account: Account,
    load: () => Promise<Provider>,
    service: () => Promise<string> = async () => '',
  ): void {
    const board = once(async () => (await this.#share()).board(account.id, await service()));
    const fleet = new AccountFleet(account, load, { names: this.#names, board });
    fleet.onDidChange(() => this.#changed.fire());
    this.#accounts.set(account.id, fleet);
    fleet.setVisible(this.#visible);
    this.#changed.fire();
  }

  /** Closes an account: nothing more is asked of its service. */
  removeAccount(id: string): void {
    const closed = this.#accounts.get(id);
    if (!closed) return;
    closed.dispose();
    this.#accounts.delete(id);
    this.#closed.fire(closed.account);
    this.#changed.fire();
  }

  /** Forgets the names of an account's sandboxes. Never rejects. */
  forgetNames(accountId: string): Promise<void> {
    return this.#names.forgetAccount(accountId);
  }

  /** Puts the accounts into this order; those that it does not name come first. */
  orderAccounts(ids: readonly string[]): void {
    const all = [...this.#accounts].toSorted(([one], [other]) => ids.indexOf(one) - ids.indexOf(other));
    this.#accounts = new Map(all);
    this.#changed.fire();
  }

  /** Has the provider of an account opened anew at its next use: its service is not what it was opened for. */
  reopen(id: string): void {
    this.#accounts.get(id)?.provider.forget();
  }

  /** Told that what has kept an account from working may have been mended. */
  retry(id: string): void {
    this.account(id).retry();
  }

  views(): AccountView[] {
    return Array.from(this.#accounts.values(), (account) => account.view());
  }

  /** One of the views; nothing when there is no such account. */
  viewOf(accountId: string): AccountView | undefined {
    return this.#accounts.get(accountId)?.view();
  }

  /** @throws ProviderError `notFound` when there is no such account. */
  account(id: string): AccountFleet {
    const account = this.#accounts.get(id);
    if (!account) throw new ProviderError('notFound', `There is no account ${id}.`);
    return account;
  }

  find(key: string): Sandbox | undefined {
    for (const view of this.views()) {
      const sandbox = view.sandboxes.find((candidate) => candidate.key === key);
      if (sandbox) return sandbox;
    }
    return undefined;
  }

  /** Tells whether somebody looks: only then is anything polled, or heard from other windows. */
  setVisible(visible: boolean): void {
    this.#visible = visible;
    this.#names.setVisible(visible);
    for (const account of this.#accounts.values()) account.setVisible(visible);
  }

  async refresh(): Promise<void> {
    await Promise.all(Array.from(this.#accounts.values(), (account) => account.refresh()));
  }

  /**
   * Gives a sandbox a name of the user's own; an empty one takes it back.
   * @throws ProviderError when only this window could be told of it
   */
  async rename(sandbox: Sandbox, label: string): Promise<void> {
    await this.#names.setLabel(sandbox.key, label.trim() || undefined);
  }

  dispose(): void {
    for (const account of this.#accounts.values()) account.dispose();
    this.#store.dispose();
  }
}
