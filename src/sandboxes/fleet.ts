import { DisposableStore, type Disposable } from '../common/disposable.ts';
import { Emitter } from '../common/event.ts';
import type { Account, AccountView } from './account.ts';
import { AccountFleet } from './accountFleet.ts';
import { ProviderError } from './errors.ts';
import type { Provider } from './provider.ts';
import type { Labels } from './labels.ts';
import type { Sandbox } from './sandbox.ts';

/** Every sandbox of every account. */
export class Fleet implements Disposable {
  readonly #accounts = new Map<string, AccountFleet>();
  readonly #labels: Labels;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new Emitter<void>());
  readonly onDidChange = this.#changed.event;

  constructor(labels: Labels) {
    this.#labels = labels;
  }

  /** @param load Opens the account's provider; not called before the account is used. */
  addAccount(account: Account, load: () => Promise<Provider>): void {
    const fleet = this.#store.add(new AccountFleet(account, load, this.#labels));
    this.#store.add(fleet.onDidChange(() => this.#changed.fire()));
    this.#accounts.set(account.id, fleet);
  }

  views(): AccountView[] {
    return Array.from(this.#accounts.values(), (account) => account.view());
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

  setVisible(visible: boolean): void {
    for (const account of this.#accounts.values()) account.setVisible(visible);
  }

  async refresh(): Promise<void> {
    await Promise.all(Array.from(this.#accounts.values(), (account) => account.refresh()));
  }

  /** Gives a sandbox a name of the user's own; an empty one takes it back. */
  async rename(sandbox: Sandbox, label: string): Promise<void> {
    await this.#labels.set(sandbox.key, label.trim() || undefined);
    this.account(sandbox.accountId).touch();
  }

  dispose(): void {
    this.#store.dispose();
  }
}
