import type { Disposable } from '../common/disposable.ts';
import { Emitter } from '../common/event.ts';
import { Alarm, backOff } from '../common/time.ts';
import type { Account, AccountView } from './account.ts';
import { actions, type Action } from './actions.ts';
import { DetailReader } from './detailReader.ts';
import { ProviderError } from './errors.ts';
import type { Labels } from './labels.ts';
import { Ledger } from './ledger.ts';
import type { CallOptions, CreateRequest, Provider } from './provider.ts';
import { isTransition, type Sandbox, type SandboxRecord, type SandboxState } from './sandbox.ts';
import { Watcher } from './watcher.ts';

const pollMs = 30_000;
/** A longer list costs more requests, so it is read less often. */
const sandboxesPerPoll = 100;
/** A service may ask for more than `max`, but not to be left alone for ever. */
const retryMs = { base: 2_000, max: 60_000, longest: 600_000 };

export type Lifecycle = Extract<Action, 'pause' | 'resume' | 'stop' | 'start'>;

const transitionOf: Record<Lifecycle, SandboxState> = {
  pause: 'pausing',
  resume: 'resuming',
  stop: 'stopping',
  start: 'starting',
};

const refusals: Readonly<Record<Action, string>> = {
  openTerminal: 'only one that runs has terminals.',
  pause: 'only one that runs can be paused.',
  resume: 'only one that is paused can be resumed.',
  stop: 'only one that runs can be stopped.',
  start: 'only one that is stopped can be started.',
  delete: 'wait until that is over, then delete it.',
  rename: 'it cannot be renamed any more.',
  copyId: 'its ID cannot be copied.',
};

/**
 * The sandboxes of one account. It polls only while someone looks, keeps the last good list when a refresh fails,
 * and shows what a command is doing before the server has answered it.
 */
export class AccountFleet implements Disposable {
  readonly account: Account;
  readonly #load: () => Promise<Provider>;
  readonly #labels: Labels;
  readonly #ledger = new Ledger();
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #poll = new Alarm();
  readonly #watcher: Watcher;
  readonly #details: DetailReader;
  #loading: Promise<Provider> | undefined;
  #provider: Provider | undefined;
  #refreshing: Promise<void> | undefined;
  #listedAt: number | undefined;
  #error: ProviderError | undefined;
  #failures = 0;
  #visible = false;

  /** @param load Opens the provider; called at the first use, and again after it has failed. */
  constructor(account: Account, load: () => Promise<Provider>, labels: Labels) {
    this.account = account;
    this.#load = load;
    this.#labels = labels;
    const ask = (id: string, signal?: AbortSignal) => this.#ask(id, signal);
    this.#watcher = new Watcher(ask, (id) => this.#ledger.get(id)?.state);
    this.#details = new DetailReader(ask);
  }

  view(): AccountView {
    return {
      account: this.account,
      provider: this.#provider,
      sandboxes: this.#ledger.all().map((record) => this.#sandbox(record)),
      listedAt: this.#listedAt,
      error: this.#error,
      refreshing: this.#refreshing !== undefined,
    };
  }

  find(id: string): Sandbox | undefined {
    const record = this.#ledger.get(id);
    return record && this.#sandbox(record);
  }

  /** The account's provider, opened at the first call. */
  provider(): Promise<Provider> {
    this.#loading ??= this.#load().then(
      (provider) => (this.#provider = provider),
      (error: unknown) => {
        this.#loading = undefined;
        throw ProviderError.from(error);
      },
    );
    return this.#loading;
  }

  /** Starts and stops the polling: nothing is asked while nobody looks. */
  setVisible(visible: boolean): void {
    if (visible === this.#visible) return;
    this.#visible = visible;
    this.#watcher.setVisible(visible);
    if (visible) return void this.refresh();
    this.#poll.clear();
    this.#details.stop();
  }

  /** Reads the list; joins a refresh that is under way. Never throws: a failure is kept in the view. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#list().finally(() => {
      this.#refreshing = undefined;
      this.#scheduleRefresh();
      this.#changed.fire();
    });
    return this.#refreshing;
  }

  /** Makes a sandbox; called twice it makes two. */
  async create(request: CreateRequest, options?: CallOptions): Promise<Sandbox> {
    const provider = await this.provider();
    const record = await provider.create(request, options);
    this.#ledger.add(record);
    this.#follow();
    return this.#sandbox(record);
  }

  /**
   * Changes the state of a sandbox, shown at once and taken back when it fails.
   * @throws ProviderError `conflict` when its present state does not allow it, else what the provider says.
   */
  async change(id: string, lifecycle: Lifecycle, options?: CallOptions): Promise<void> {
    await this.#command(id, lifecycle, transitionOf[lifecycle], async (provider) => {
      const record = await provider[lifecycle]?.(id, options);
      this.#ledger.end(id, record);
    });
  }

  /** Deletes a sandbox; one that is gone already counts as deleted. */
  async delete(id: string, options?: CallOptions): Promise<void> {
    await this.#command(id, 'delete', 'deleting', async (provider) => {
      await provider.delete(id, options).catch((error: unknown) => {
        if (ProviderError.from(error).kind !== 'notFound') throw error;
      });
      this.#ledger.remove(id);
    });
  }

  /** Waits until the sandbox is in no transition any more; answers nothing when it is gone. */
  async settled(id: string, signal?: AbortSignal): Promise<Sandbox | undefined> {
    await this.#watcher.settled(id, signal);
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
    await this.#ask(id);
    return this.find(id);
  }

  /** Tells that something beside the list has changed, such as a label. */
  touch(): void {
    this.#changed.fire();
  }

  dispose(): void {
    this.#poll.dispose();
    this.#watcher.dispose();
    this.#details.dispose();
    this.#changed.dispose();
    this.#provider?.dispose();
  }

  #demand(id: string, action: Action, provider: Provider): Sandbox {
    const sandbox = this.find(id);
    if (!sandbox) throw new ProviderError('notFound', `The sandbox ${id} no longer exists.`);
    if (this.#ledger.isBusy(id) || !actions(sandbox, provider).has(action)) {
      throw new ProviderError('conflict', `${sandbox.name} is ${sandbox.state}: ${refusals[action]}`);
    }
    return sandbox;
  }

  async #command(
    id: string,
    action: Action,
    transition: SandboxState,
    run: (provider: Provider) => Promise<void>,
  ): Promise<void> {
    const provider = await this.provider();
    this.#demand(id, action, provider);
    this.#ledger.begin(id, transition);
    this.#changed.fire();
    try {
      await run(provider);
    } catch (thrown) {
      this.#takeBack(id, ProviderError.from(thrown));
      throw thrown;
    } finally {
      this.#follow();
    }
  }

  #takeBack(id: string, error: ProviderError): void {
    if (error.kind === 'notFound') return this.#ledger.remove(id);
    this.#ledger.end(id);
    // The command may have got through all the same, so what is true now is asked for.
    this.#ask(id).then(
      () => this.#follow(),
      () => undefined,
    );
  }

  async #list(): Promise<void> {
    const askedAt = this.#ledger.now();
    try {
      const provider = await this.provider();
      this.#ledger.acceptList(await provider.list(), askedAt);
      this.#listedAt = Date.now();
      await this.#labels.keep(this.account.id, new Set(this.view().sandboxes.map(({ key }) => key)));
      this.#error = undefined;
      this.#failures = 0;
      if (this.#visible) void this.#details.read(this.#ledger.all());
      this.#watcher.watch(this.#transitional());
    } catch (thrown) {
      this.#error = ProviderError.from(thrown);
      this.#failures++;
    }
  }

  #scheduleRefresh(): void {
    if (!this.#visible) return;
    const pages = Math.max(1, Math.ceil(this.#ledger.all().length / sandboxesPerPoll));
    const asked = Math.min(this.#error?.retryAfterMs ?? 0, retryMs.longest);
    const delay = this.#error
      ? Math.max(asked, backOff(this.#failures, retryMs.base, retryMs.max))
      : pollMs * pages;
    this.#poll.set(delay, () => void this.refresh());
  }

  /** Reads one sandbox again; one that is gone is forgotten. */
  async #ask(id: string, signal?: AbortSignal): Promise<void> {
    const askedAt = this.#ledger.now();
    try {
      const provider = await this.provider();
      this.#ledger.accept(await provider.get(id, { signal }), askedAt);
    } catch (thrown) {
      if (ProviderError.from(thrown).kind !== 'notFound') throw thrown;
      this.#ledger.remove(id);
    }
    this.#changed.fire();
  }

  #follow(): void {
    this.#changed.fire();
    this.#watcher.watch(this.#transitional());
  }

  #transitional(): string[] {
    return this.#ledger
      .all()
      .filter(({ id, state }) => isTransition(state) && !this.#ledger.isBusy(id))
      .map(({ id }) => id);
  }

  #sandbox(record: SandboxRecord): Sandbox {
    const key = `${this.account.id}/${record.id}`;
    return { ...record, key, accountId: this.account.id, name: this.#labels.get(key) ?? record.id };
  }
}
