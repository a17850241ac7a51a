import { DisposableStore, type Disposable } from '../common/disposable.ts';
import { Emitter } from '../common/event.ts';
import { once, type Once } from '../common/once.ts';
import type { Account, AccountView } from './account.ts';
import { demandAction, type Action } from './actions.ts';
import { DetailReader } from './detailReader.ts';
import { demanded, ProviderError, unlessGone } from './errors.ts';
import { Exchange } from './exchange.ts';
import { transitionOf, type Lifecycle } from './lifecycle.ts';
import { Ledger } from './ledger.ts';
import type { Names } from './names.ts';
import type { CallOptions, CreateRequest, Provider } from './provider.ts';
import { Refresher } from './refresher.ts';
import { type Sandbox, type SandboxRecord, type SandboxState } from './sandbox.ts';
import type { Common } from './sharing.ts';
import type { RestoreRequest, SnapshotRequest, Snapshots } from './snapshots.ts';
import { Watcher } from './watcher.ts';

/**
 * The sandboxes of one account. It polls only while someone looks, keeps the last good list when a refresh fails, and
 * shows what a command is doing before the server has answered it. A sandbox that gets another id is known by both.
 */
export class AccountFleet implements Disposable {
  account: Account;
  /** The account's provider, opened at the first call, and anew when it is forgotten: who has the old one keeps it. */
  readonly provider: Once<Provider>;
  readonly #names: Names;
  readonly #ledger = new Ledger();
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new Emitter<void>());
  readonly onDidChange = this.#changed.event;
  readonly #exchange: Exchange;
  readonly #refresher: Refresher;
  readonly #watcher: Watcher;
  readonly #details: DetailReader;
  #provider: Provider | undefined;
  #visible = false;
  #following: Disposable | undefined;

  /** @param load Opens the provider; called at the first use, and again after it has failed. */
  constructor(account: Account, load: () => Promise<Provider>, common: Common) {
    this.account = account;
    const open = async () => this.#store.add(await load().catch(ProviderError.rethrow));
    this.provider = once(async () => (this.#provider = await open()));
    this.#names = common.names;
    this.#exchange = new Exchange(this.#ledger, common.board, () => this.#refresher.hasHeardRefusal());
    this.#refresher = new Refresher({
      size: () => this.#ledger.size,
      listedAt: () => this.#exchange.listedAt,
      open: async () => void (await this.provider()),
      hear: () => this.#hear(),
      read: () => this.#list(),
      inTurn: (task) => this.#exchange.inTurn(task),
      refused: () => {
        void this.#exchange.tellRefusal();
        this.#details.stop();
        this.#watch();
      },
      refreshed: () => this.#changed.fire(),
    });
    const ask = (id: string, signal?: AbortSignal) => this.#ask(id, signal);
    this.#watcher = this.#store.add(new Watcher(ask, (id) => this.#ledger.beliefIn(id)));
    this.#details = this.#store.add(new DetailReader(ask, (id) => this.#ledger.lacksDetails(id)));
  }

  /** Gives the account another name. */
  rename(name: string): void {
    this.account = { ...this.account, name };
    this.#changed.fire();
  }

  view(): AccountView {
    return {
      account: this.account,
      provider: this.#provider,
      sandboxes: this.#ledger.all().map((record) => this.#sandbox(record)),
      listedAt: this.#exchange.listedAt,
      error: this.#refresher.error,
      refreshing: this.#refresher.isRefreshing,
    };
  }

  find(id: string): Sandbox | undefined {
    const record = this.#ledger.get(this.#ledger.idOf(id));
    return record && this.#sandbox(record);
  }

  /** Starts and stops the polling: nothing is asked, and nothing read, while nobody looks. */
  setVisible(visible: boolean): void {
    if (visible === this.#visible) return;
    this.#visible = visible;
    this.#following?.dispose();
    this.#following = visible ? this.follow() : undefined;
    this.#watcher.setVisible(visible);
    this.#refresher.setVisible(visible);
    if (!visible) this.#details.stop();
  }

  /** Hears what other windows tell until it is disposed: nothing is asked for that. */
  follow = (): Disposable => this.#exchange.follow(() => void this.#hear());

  /** Reads the list; joins a refresh that is under way. Never throws: a failure is kept in the view. */
  refresh(): Promise<void> {
    return this.#refresher.refresh();
  }

  /** Told that the account may have another key. */
  retry(): void {
    this.#refresher.retry();
  }

  /** Reads the list if it is due and may be asked for; joins a refresh that is under way. Never throws. */
  freshen(): Promise<void> {
    return this.#refresher.freshen();
  }

  /** Makes a sandbox; called twice it makes two. */
  async create(request: CreateRequest, options?: CallOptions): Promise<Sandbox> {
    return this.#add(await (await this.provider()).create(request, options).catch(this.#refresher.failed));
  }

  /** Makes a sandbox of a snapshot; called twice it makes two. */
  async restore(request: RestoreRequest, options?: CallOptions): Promise<Sandbox> {
    return this.#add(await (await this.snapshots()).restore(request, options).catch(this.#refresher.failed));
  }

  /** The snapshots of the account. @throws ProviderError `invalid` where there are none */
  async snapshots(): Promise<Snapshots> {
    return demanded((await this.provider()).snapshots, `${this.account.name} has no snapshots.`);
  }

  /** Takes in a sandbox that was made elsewhere, by its ID. @throws ProviderError `notFound` when there is none */
  async adopt(id: string, options?: CallOptions): Promise<Sandbox> {
    const askedAt = this.#ledger.now();
    const adopt = demanded((await this.provider()).adopt, `${this.account.name} lists all its sandboxes.`);
    const record = await adopt(id, options).catch(this.#refresher.failed);
    this.#ledger.accept(record, askedAt);
    this.#tell();
    return this.#sandbox(record);
  }

  /** Makes a snapshot of a sandbox that runs, and shows meanwhile that it does. */
  async snapshot(id: string, request: SnapshotRequest, options?: CallOptions): Promise<void> {
    const snapshots = await this.snapshots();
    await this.#command(id, 'snapshot', 'snapshotting', async (_, present) => {
      await snapshots.create(present, request, options);
      if (request.deleteSandbox) this.#deleted(present);
      else this.#ledger.end(present, 'snapshotting');
    });
  }

  /**
   * Changes the state of a sandbox, shown at once and taken back when it fails.
   * @throws ProviderError `conflict` when its present state does not allow it, else what the provider says.
   */
  async change(id: string, lifecycle: Lifecycle, options?: CallOptions): Promise<void> {
    await this.#command(id, lifecycle, transitionOf[lifecycle], async (provider, present) => {
      const record = await provider[lifecycle]?.(present, options);
      if (record && record.id !== present) await this.#names.follow(this.account.id, present, record.id);
      this.#ledger.end(present, transitionOf[lifecycle], record);
    });
  }

  /** Deletes a sandbox, wherever its service has left it; one that is gone already counts as deleted. */
  async delete(id: string, options?: CallOptions): Promise<void> {
    await this.#command(id, undefined, 'deleting', async (provider, present) => {
      await unlessGone(provider.delete(present, options));
      this.#deleted(present);
    });
  }

  /** Waits until the sandbox is in no transition any more; answers nothing when it is gone. */
  async settled(id: string, signal?: AbortSignal): Promise<Sandbox | undefined> {
    await this.#watcher.settled(this.#ledger.idOf(id), signal);
    return this.find(id);
  }

  /**
   * The sandbox, if this may be done with it now.
   * @throws ProviderError `notFound` or `conflict` when it may not.
   */
  async demand(id: string, action: Action): Promise<Sandbox> {
    return this.#demand(id, action, await this.provider());
  }

  /** Reads the sandbox's state anew, which wakes nothing; answers nothing when it is gone. */
  async confirm(id: string): Promise<Sandbox | undefined> {
    await this.#ask(this.#ledger.idOf(id));
    return this.find(id);
  }

  dispose(): void {
    // What is under way asks for nothing more when it ends.
    this.setVisible(false);
    this.#exchange.dispose();
    this.#refresher.dispose();
    this.#store.dispose();
  }

  #add(record: SandboxRecord): Sandbox {
    this.#ledger.add(record);
    this.#tell();
    return this.#sandbox(record);
  }

  #demand(id: string, action: Action | undefined, provider: Provider): Sandbox {
    const sandbox = this.find(id);
    if (!sandbox) throw new ProviderError('notFound', `The sandbox ${id} no longer exists.`);
    return action ? demandAction(sandbox, action, provider) : sandbox;
  }

  /** @param action What must be possible, if anything. @param run Is given the id that the sandbox has at present. */
  async #command(
    id: string,
    action: Action | undefined,
    transition: SandboxState,
    run: (provider: Provider, present: string) => Promise<void>,
  ): Promise<void> {
    const provider = await this.provider();
    const present = this.#demand(id, action, provider).id;
    try {
      this.#ledger.begin(present, transition);
      this.#tell();
      await run(provider, present);
    } catch (thrown) {
      this.#takeBack(present, transition, ProviderError.from(thrown));
      return this.#refresher.failed(thrown);
    } finally {
      this.#tell();
    }
  }

  #deleted(id: string): void {
    this.#ledger.remove(id);
    void this.#names.forget(this.account.id, id);
  }

  #takeBack(id: string, transition: SandboxState, error: ProviderError): void {
    if (error.kind === 'notFound') return this.#ledger.remove(id);
    this.#ledger.end(id, transition);
    // The command may have got through all the same, so what is true now is asked for.
    if (error.kind !== 'unauthorized') this.#ask(id).catch(() => undefined);
  }

  /** Reads the whole list, and the details that it lacks. */
  async #list(): Promise<void> {
    const askedAt = this.#ledger.now();
    const startedAt = Date.now();
    const provider = await this.provider();
    const before = this.view().sandboxes;
    this.#ledger.acceptList(await provider.list({ known: before.map(({ id }) => id) }), askedAt);
    await this.#exchange.tellList(askedAt);
    // What has just left the list may be in it by another id, of which its window has yet to tell.
    const sandboxes = [...before, ...this.view().sandboxes];
    await this.#names.forgetGone({ accountId: this.account.id, sandboxes, askedAt: startedAt });
    if (this.#visible) void this.#details.read(this.#ledger.all());
    this.#watch();
  }

  /** Reads one sandbox again; one that is gone is forgotten. */
  async #ask(id: string, signal?: AbortSignal): Promise<void> {
    const askedAt = this.#ledger.now();
    try {
      this.#ledger.accept(await (await this.provider()).get(id, { signal }), askedAt);
    } catch (thrown) {
      if (ProviderError.from(thrown).kind !== 'notFound') return this.#refresher.failed(thrown);
      this.#ledger.remove(id);
    }
    this.#tell();
  }

  /** Takes in what other windows have told: the names first, since rows are shown with them. */
  async #hear(): Promise<void> {
    const { listedAt } = this.#exchange;
    await this.#names.load();
    if (!(await this.#exchange.hear())) return;
    if (this.#exchange.listedAt !== listedAt) this.#refresher.hasHeardList();
    this.#changed.fire();
    this.#watch();
  }

  /** Makes known what has changed here: to this window, and to the others. */
  #tell(): void {
    this.#changed.fire();
    this.#exchange.tell();
    this.#watch();
  }

  #watch(): void {
    const isRefused = this.#refresher.error?.kind === 'unauthorized';
    this.#watcher.watch(isRefused ? [] : this.#ledger.moving());
  }

  #sandbox(record: SandboxRecord): Sandbox {
    const accountId = this.account.id;
    const key = this.#names.keyOf(accountId, record.id);
    return { ...record, key, accountId, name: this.#names.labelOf(key) ?? record.id };
  }
}
