import type { Disposable } from '../common/disposable.ts';
import { Alarm, backOff } from '../common/time.ts';
import { ProviderError } from './errors.ts';

const pollMs = 30_000;
/** A longer list costs more requests, so it is read less often. */
const sandboxesPerPoll = 100;
/** A service may ask for more than `max`, but not to be left alone for ever. */
const retryMs = { base: 2_000, max: 60_000, longest: 600_000 };

/** The list that is to be kept fresh. */
export interface Listing {
  /** How many sandboxes it has. */
  size(): number;
  /** When it came, whoever has read it; milliseconds since 1970. */
  listedAt(): number | undefined;
  /** Opens what it is read from. @throws ProviderError */
  open(): Promise<void>;
  /** Takes in what other windows have read. */
  hear(): Promise<void>;
  /** Reads it from the service. @throws ProviderError */
  read(): Promise<void>;
  /** Runs a task while no other window runs one. @throws what the task throws */
  inTurn(task: () => Promise<void>): Promise<void>;
  /** Told when the service refuses the account's key. */
  refused(): void;
  /** Told when a refresh is over, or the error is another one. */
  refreshed(): void;
}

/** Sees to it that the list is read when it is due, by this window or by another one, and only while somebody looks. */
export class Refresher implements Disposable {
  readonly #listing: Listing;
  readonly #alarm = new Alarm();
  #refreshing: Promise<void> | undefined;
  /** How often somebody has wanted the list whatever was known, and how many of these wishes are met or failed. */
  #wishes = 0;
  #answered = 0;
  #visible = false;
  #error: ProviderError | undefined;
  #failures = 0;
  /** When the next try is due after a failure, by the clock that nobody sets; never for a key that was refused. */
  #retryAt = 0;

  constructor(listing: Listing) {
    this.#listing = listing;
  }

  get isRefreshing(): boolean {
    return this.#refreshing !== undefined;
  }

  get error(): ProviderError | undefined {
    return this.#error;
  }

  /** Starts and stops the polling: nothing is asked while nobody looks. */
  setVisible(visible: boolean): void {
    this.#visible = visible;
    if (visible) void this.#refreshIfDue();
    else this.#alarm.clear();
  }

  /** Reads the list, however fresh it is; joins a reading that is under way. Never rejects. */
  async refresh(): Promise<void> {
    this.#wishes++;
    await this.#refreshIfDue();
    // What it has joined may have found the list fresh before it was wanted, or have had another key.
    if (this.#isWanted) await this.#refreshIfDue();
  }

  /** Told when what was refused may be let in now: the list is read as soon as somebody looks. */
  retry(): void {
    if (this.#visible) return void this.refresh();
    this.#wishes++;
    // Whoever asks for something else than the list need not wait for that.
    this.#succeed();
    this.#listing.refreshed();
  }

  /**
   * Reads the list if it is due; joins a reading that is under way. What has failed is not tried before its time, and a
   * key that was refused stays so until the user gives another one. Never rejects.
   */
  async freshen(): Promise<void> {
    if (this.#error && !this.#isWanted && performance.now() < this.#retryAt) return;
    await this.#refreshIfDue();
  }

  /** Told when another window was refused: whether this one is, too, is asked once. */
  hasHeardRefusal(): void {
    if (this.#visible) void this.refresh();
  }

  /** Told why another call has failed, which it throws again: a key that was refused is no good for the list, either. */
  readonly failed = (thrown: unknown): never => {
    const error = ProviderError.from(thrown);
    if (error.kind === 'unauthorized') {
      this.#fail(error);
      this.#schedule();
      this.#listing.refreshed();
    }
    throw thrown;
  };

  /** Told when another window has read the list: that is as good as to have read it here. */
  hasHeardList(): void {
    this.#succeed();
    this.#schedule();
  }

  dispose(): void {
    this.#alarm.dispose();
  }

  #refreshIfDue(): Promise<void> {
    this.#refreshing ??= this.#try().finally(() => {
      this.#refreshing = undefined;
      this.#schedule();
      this.#listing.refreshed();
    });
    return this.#refreshing;
  }

  async #try(): Promise<void> {
    const wishes = this.#wishes;
    try {
      if (this.#isRefused) await this.#listing.hear();
      if (this.#isRefused) return;
      await this.#listing.open();
      await this.#listing.hear();
      // Two windows find it due at once; when the second one's turn comes, it is not due any more.
      if (this.#isDue()) await this.#listing.inTurn(() => this.#readIfDue());
      this.#succeed();
    } catch (thrown) {
      this.#answered = Math.max(this.#answered, wishes);
      this.#fail(ProviderError.from(thrown));
    }
  }

  async #readIfDue(): Promise<void> {
    await this.#listing.hear();
    if (!this.#isDue()) return;
    this.#answered = this.#wishes;
    await this.#listing.read();
  }

  #fail(error: ProviderError): void {
    this.#error = error;
    this.#failures++;
    this.#retryAt = performance.now() + this.#retryDelay(error);
    if (error.kind === 'unauthorized') this.#listing.refused();
  }

  #succeed(): void {
    this.#error = undefined;
    this.#failures = 0;
  }

  get #isWanted(): boolean {
    return this.#wishes > this.#answered;
  }

  /** A key that is refused stays so until the user gives another one, or wants to know. */
  get #isRefused(): boolean {
    return this.#error?.kind === 'unauthorized' && !this.#isWanted;
  }

  #isDue(): boolean {
    if (this.#isWanted || this.#error) return true;
    // A clock that was set back makes a list of the future, whose age says nothing.
    return this.#age() < 0 || this.#age() >= this.#interval();
  }

  #age(): number {
    return Date.now() - (this.#listing.listedAt() ?? 0);
  }

  #interval(): number {
    return pollMs * Math.max(1, Math.ceil(this.#listing.size() / sandboxesPerPoll));
  }

  #schedule(): void {
    const delay = this.#error ? this.#retryAt - performance.now() : this.#interval() - this.#age();
    if (!this.#visible || delay === Infinity) return this.#alarm.clear();
    this.#alarm.set(Math.max(0, delay), () => void this.#refreshIfDue());
  }

  #retryDelay({ kind, retryAfterMs = 0 }: ProviderError): number {
    if (kind === 'unauthorized') return Infinity;
    const asked = Math.min(retryAfterMs, retryMs.longest);
    return Math.max(asked, backOff(this.#failures, retryMs.base, retryMs.max));
  }
}
