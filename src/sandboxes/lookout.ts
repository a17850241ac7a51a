import { DisposableStore, type Disposable } from '../common/disposable.ts';
import { Emitter } from '../common/event.ts';
import { Alarm, backOff } from '../common/time.ts';
import type { AccountFleet } from './accountFleet.ts';
import { ProviderError } from './errors.ts';
import type { Fleet } from './fleet.ts';
import { isTransition, type Sandbox } from './sandbox.ts';

/** Milliseconds between two looks. */
const lookMs = 60_000;
/** The same while nothing is known, or something is about to change. */
const soonMs = 5_000;
/** A service takes its time to end a sandbox. */
const graceMs = 1_000;

/**
 * Keeps up with one sandbox, whether anybody looks at the list or not: it hears what other windows tell, and asks for
 * the sandbox about once a minute and at its end, one request each. One that is gone is not asked for any more.
 */
export class Lookout implements Disposable {
  readonly #fleet: Fleet;
  readonly #accountId: string;
  readonly #id: string;
  readonly #store = new DisposableStore();
  readonly #alarm = this.#store.add(new Alarm());
  readonly #changed = this.#store.add(new Emitter<void>());
  /** Tells that the sandbox may be another one now, or gone. */
  readonly onDidChange = this.#changed.event;
  #account: AccountFleet | undefined;
  #following: Disposable | undefined;
  #isKnown = false;
  #isLooking = false;
  #isOver = false;
  #lookedAt = 0;
  #failures = 0;
  /** After a failure, how long it takes until the next look. */
  #retryMs: number | undefined;

  constructor(fleet: Fleet, accountId: string, id: string) {
    this.#fleet = fleet;
    this.#accountId = accountId;
    this.#id = id;
    this.#store.add(fleet.onDidChange(() => this.#heed()));
    this.#heed();
  }

  /** The sandbox as far as it is known. */
  get sandbox(): Sandbox | undefined {
    return this.#account?.find(this.#id);
  }

  get isGone(): boolean {
    return this.#isKnown && this.sandbox === undefined;
  }

  dispose(): void {
    this.#isOver = true;
    this.#following?.dispose();
    this.#store.dispose();
  }

  #heed(): void {
    if (this.#isOver) return;
    const isOpen = this.#fleet.viewOf(this.#accountId) !== undefined;
    const account = isOpen ? this.#fleet.account(this.#accountId) : undefined;
    if (account !== this.#account) this.#turnTo(account);
    this.#isKnown ||= this.sandbox !== undefined;
    this.#arm();
    this.#changed.fire();
  }

  /** An account that was given another address is opened anew, and knows nothing yet. */
  #turnTo(account: AccountFleet | undefined): void {
    this.#following?.dispose();
    this.#account = account;
    this.#following = account?.follow();
    this.#isKnown = false;
    this.#lookedAt = Date.now();
    this.#failures = 0;
    this.#retryMs = undefined;
  }

  /** Whether the account's key is refused: it stays so until the user gives another one, or it turns out to be good. */
  get #isRefused(): boolean {
    return this.#account?.view().error?.kind === 'unauthorized';
  }

  #arm(): void {
    if (this.#isLooking) return;
    if (!this.#account || this.isGone || this.#isRefused) return this.#alarm.clear();
    this.#alarm.set(Math.max(0, this.#dueAt() - Date.now()), () => void this.#look());
  }

  /** In milliseconds since 1970. */
  #dueAt(): number {
    const { sandbox } = this;
    const usualMs = !sandbox || isTransition(sandbox.state) ? soonMs : lookMs;
    const nextAt = this.#lookedAt + (this.#retryMs ?? usualMs);
    const endedAt = (sandbox?.endsAt ?? Infinity) + graceMs;
    return endedAt > this.#lookedAt ? Math.min(nextAt, endedAt) : nextAt;
  }

  async #look(): Promise<void> {
    const account = this.#account;
    this.#isLooking = true;
    const look = async () => void (await account?.confirm(this.#id));
    const failure = await look().catch((thrown: unknown) => ProviderError.from(thrown));
    this.#isLooking = false;
    if (account === this.#account) this.#note(failure);
    this.#heed();
  }

  #note(failure: ProviderError | undefined): void {
    this.#lookedAt = Date.now();
    this.#isKnown ||= !failure;
    this.#failures = failure ? this.#failures + 1 : 0;
    this.#retryMs = failure && backOff(this.#failures, soonMs, lookMs);
  }
}
