import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../common/disposable.ts';
import { plain } from '../../common/text.ts';
import { accountFields, type AccountSettings } from '../../sandboxes/account.ts';
import { AccountList } from '../../sandboxes/accountList.ts';
import { ProviderError } from '../../sandboxes/errors.ts';
import type { Fleet } from '../../sandboxes/fleet.ts';
import type { Provider } from '../../sandboxes/provider.ts';
import type { Sharing } from '../../sandboxes/sharing.ts';
import type { WindowLog } from '../log.ts';
import { message } from '../message.ts';
import { openLeap0 } from '../network.ts';
import { checkAccount, concernsAccounts, readAccounts, writeAccounts } from './accountSettings.ts';
import { openKeptAccount } from './keptAccount.ts';

export interface AccountsOptions {
  readonly fleet: Fleet;
  readonly secrets: vscode.SecretStorage;
  readonly share: () => Promise<Sharing>;
  readonly log: WindowLog;
}

/**
 * The accounts that the user has added: described in the settings, their keys in the editor's secret storage. What
 * other windows do is followed from the first use on.
 */
export class Accounts implements Disposable {
  readonly #fleet: Fleet;
  readonly #secrets: vscode.SecretStorage;
  readonly #share: () => Promise<Sharing>;
  readonly #log: WindowLog;
  readonly #store = new DisposableStore();
  readonly #list: AccountList;
  #open = new Map<string, AccountSettings>();

  constructor({ fleet, secrets, share, log }: AccountsOptions) {
    this.#fleet = fleet;
    this.#secrets = secrets;
    this.#share = share;
    this.#log = log;
    const list = { read: readAccounts, write: writeAccounts };
    this.#list = this.#store.add(new AccountList({ settings: list, share, since: performance.timeOrigin }));
    this.#store.add(this.#list.onDidChange(() => this.#follow(this.#list.accounts)));
    this.#store.add(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (concernsAccounts(event)) void this.#list.hearOfSettings();
      }),
    );
    this.#store.add(secrets.onDidChange(({ key }) => this.#hearOfKey(key)));
    this.#follow(this.#list.accounts);
  }

  /** How many there are. */
  get count(): number {
    return this.#open.size;
  }

  /**
   * Proves a key, without keeping anything.
   * @throws ProviderError why the account cannot be used with it
   */
  async check(account: AccountSettings, key: string, signal: AbortSignal): Promise<void> {
    const provider = await openLeap0(account, this.#log, {
      signal,
      key: async () => key,
      revision: { get: () => undefined, set: async () => undefined },
      knownIds: { all: async () => [], add: nothing, remove: nothing, gone: nothing },
    });
    try {
      await provider.checkKey({ signal });
    } finally {
      provider.dispose();
    }
  }

  /**
   * Keeps an account, the key first: whoever hears of the account needs it. Answers its ID.
   * @throws Error when the settings cannot be written; nothing is kept then
   */
  async add(account: Omit<AccountSettings, 'id'>, key: string): Promise<string> {
    const id = randomUUID();
    await this.#secrets.store(nameOfKey(id), key.trim());
    try {
      await this.#list.change((accounts) => [...accounts, { ...account, id }]);
    } catch (error) {
      await this.#secrets.delete(nameOfKey(id));
      throw error;
    }
    return id;
  }

  async rename(id: string, name: string): Promise<void> {
    await this.#list.change((accounts) => accounts.map((one) => (one.id === id ? { ...one, name } : one)));
  }

  async replaceKey(id: string, key: string): Promise<void> {
    await this.#secrets.store(nameOfKey(id), key.trim());
  }

  /** Forgets an account, with its key and all that was kept for it here. Its sandboxes are not touched. */
  async signOut(id: string): Promise<void> {
    // First: if this fails, the account is there to be signed out of again.
    await this.#secrets.delete(nameOfKey(id));
    await this.#list.change((accounts) => accounts.filter((one) => one.id !== id));
    await this.#fleet.forgetNames(id);
    await (await this.#share()).forget(id);
  }

  /** Moves an account one place up (-1) or down (1). */
  async move(id: string, by: -1 | 1): Promise<void> {
    await this.#list.change((accounts) => {
      const from = accounts.findIndex((one) => one.id === id);
      const [moved] = accounts.slice(from, from + 1);
      return moved ? accounts.toSpliced(from, 1).toSpliced(Math.max(0, from + by), 0, moved) : accounts;
    });
  }

  settingsOf(id: string): AccountSettings | undefined {
    return this.#open.get(id);
  }

  dispose(): void {
    this.#store.dispose();
  }

  /** Takes in what other windows have done to the accounts, and from now on what they do. Never rejects. */
  heedOthers(): Promise<void> {
    return this.#list.heed();
  }

  /** Opens, renames, closes and orders the accounts as they are by now. */
  #follow(accounts: readonly AccountSettings[]): void {
    const wanted = new Map(accounts.map((account) => [account.id, account]));
    for (const [id, known] of this.#open) {
      if (isSame(wanted.get(id), known)) continue;
      this.#open.delete(id);
      this.#fleet.removeAccount(id);
    }
    for (const account of wanted.values()) this.#take(account);
    this.#open = wanted;
    this.#fleet.orderAccounts([...wanted.keys()]);
  }

  #take(account: AccountSettings): void {
    const { id, name, provider, baseUrl = '' } = account;
    const known = this.#open.get(id);
    const service = async () => baseUrl;
    if (!known) this.#fleet.addAccount({ id, name, provider }, () => this.#load(account), service);
    else if (known.name !== name) this.#fleet.account(id).rename(name);
  }

  async #load(account: AccountSettings): Promise<Provider> {
    checkAccount(account);
    await this.#demandCurrent(account);
    const file = (await this.#share()).accountData(account.id);
    const kept = await openKeptAccount(file, {
      baseUrl: account.baseUrl,
      reopen: () => this.#fleet.reopen(account.id),
      tellGone: (id) => this.#tellGone(account, id),
    });
    const key = async () => {
      await this.#demandCurrent(account);
      return this.#secrets.get(nameOfKey(account.id));
    };
    return openLeap0(account, this.#log, { key, ...kept });
  }

  /** An editor may keep for this window the key of an account that another one has signed out of. */
  async #demandCurrent(account: AccountSettings): Promise<void> {
    await this.#list.heed();
    if (isSame(this.#open.get(account.id), account)) return;
    throw new ProviderError('unauthorized', `${account.name} was signed out, or changed, in another window.`);
  }

  #hearOfKey(key: string): void {
    const account = Array.from(this.#open.values()).find(({ id }) => nameOfKey(id) === key);
    if (account) this.#fleet.retry(account.id);
  }

  #tellGone({ id: accountId, name: accountName }: AccountSettings, id: string): void {
    const name = this.#fleet.find(`${accountId}/${id}`)?.name ?? id;
    this.#log.info(`The sandbox ${plain(id)} is gone.`);
    const which = name === id ? id : `${name} (${id})`;
    void vscode.window.showInformationMessage(
      message(`The sandbox ${which} is gone: ${accountName} does not know it any more.`),
    );
  }
}

const nameOfKey = (id: string): string => `key.${id}`;
const nothing = async () => undefined;

/** Whether an account is still what it was when it was opened; its name is none of that. */
const isSame = (now: AccountSettings | undefined, opened: AccountSettings): boolean =>
  accountFields.every((field) => field === 'name' || now?.[field] === opened[field]);
