import type { Fact, List, News } from './news.ts';
import { isTransition, type SandboxRecord, type SandboxState } from './sandbox.ts';

interface Entry extends Fact {
  /** What a command of ours is turning it into, while the command is under way. */
  readonly transition?: SandboxState | undefined;
  /** Whether another window has told it. */
  readonly heard?: boolean;
}

export interface Belief {
  readonly state: SandboxState;
  /** The moment for which it is true. */
  readonly trueAt: number;
  /** Whether another window has told it. */
  readonly heard: boolean;
}

/**
 * What we believe about one account's sandboxes. An answer belongs to the moment at which it was asked for, and says
 * nothing about what has been answered or changed for a later one; that holds for what other windows tell, too.
 */
export class Ledger {
  /**
   * Tells the moments of two windows apart that come within the same millisecond. Beside today's milliseconds a number
   * has room for 4,096 fractions: two windows seldom share one.
   */
  readonly #fraction = Math.random();
  #clock = 0;
  /** The moment of the newest list: what is not here did not exist then. */
  #listAskedAt = 0;
  readonly #entries = new Map<string, Entry>();
  readonly #removedAt = new Map<string, number>();
  /** The ids that sandboxes have now, by those that they had before. */
  readonly #successors = new Map<string, string>();
  /** Of which sandboxes something is known here that no other window has been told. */
  readonly #untold = new Set<string>();

  /**
   * A moment of its own, later than every one before and every one that was heard of: to be taken when a request
   * starts, and handed in with its answer.
   */
  now(): number {
    this.#clock = Math.max(Date.now(), Math.floor(this.#clock) + 1) + this.#fraction;
    return this.#clock;
  }

  get(id: string): SandboxRecord | undefined {
    const entry = this.#entries.get(id);
    return entry && shown(entry);
  }

  all(): SandboxRecord[] {
    return Array.from(this.#entries.values(), shown);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Everything, as another window should know it. */
  facts(): Fact[] {
    return Array.from(this.#entries.values(), toldOf);
  }

  /** The id that a sandbox has now. */
  idOf(id: string): string {
    const successor = this.#successors.get(id);
    return successor === undefined ? id : this.idOf(successor);
  }

  /** What its state is held to be, since when, and whether another window has told it. */
  beliefIn(id: string): Belief | undefined {
    const entry = this.#entries.get(id);
    return entry && { state: shown(entry).state, trueAt: entry.trueAt, heard: entry.heard ?? false };
  }

  /** Whether a command of ours is under way for it. */
  isBusy(id: string): boolean {
    return this.#entries.get(id)?.transition !== undefined;
  }

  /** The sandboxes in a transition that no command of ours works on: such a command tells its end itself. */
  moving(): string[] {
    return this.all().flatMap(({ id, state }) => (isTransition(state) && !this.isBusy(id) ? [id] : []));
  }

  /** Whether nobody has read its details in the state in which it has come to rest. */
  lacksDetails(id: string): boolean {
    const entry = this.#entries.get(id);
    return (
      entry !== undefined && !isTransition(shown(entry).state) && entry.detailedIn !== entry.record.state
    );
  }

  /** Takes in a whole list that was asked for at `askedAt`: what it lacks is gone. */
  acceptList(records: readonly SandboxRecord[], askedAt: number): void {
    this.#takeList(
      records.map((record) => ({ record, trueAt: askedAt })),
      askedAt,
      (fact) => this.#accept(fact),
    );
  }

  /** Takes in one sandbox's details that were asked for at `askedAt`, unless something newer is known. */
  accept(record: SandboxRecord, askedAt: number): void {
    const isNews = this.#accept({ record, trueAt: askedAt, detailedIn: record.state });
    if (isNews) this.#untold.add(record.id);
  }

  /** Shows a transition that a command of ours has begun. */
  begin(id: string, transition: SandboxState): void {
    const entry = this.#entries.get(id);
    if (entry) this.#write(id, { ...entry, transition, trueAt: this.now() });
  }

  /**
   * Ends a transition: with the command's answer, which may give the sandbox another id, or back to before it. One that
   * a later command has begun since stays.
   */
  end(id: string, transition: SandboxState, answer?: SandboxRecord): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    const record = answer ? merge(entry.record, answer) : entry.record;
    if (record.id !== id) {
      this.remove(id);
      this.#successors.set(id, record.id);
      // It may be one that it had before.
      this.#successors.delete(record.id);
    }
    const later = entry.transition !== transition && { transition: entry.transition };
    this.#write(record.id, { record, detailedIn: entry.detailedIn, trueAt: this.now(), ...later });
  }

  /** Adds a sandbox that was made here. */
  add(record: SandboxRecord): void {
    this.#write(record.id, { record: merge({ ...record, state: 'starting' }, record), trueAt: this.now() });
  }

  /** Forgets a sandbox; an older answer does not bring it back. */
  remove(id: string): void {
    this.#entries.delete(id);
    this.#removedAt.set(id, this.now());
    this.#untold.add(id);
  }

  /** Takes in another window's list. */
  hearList({ facts, askedAt }: List): void {
    this.passBy(askedAt);
    this.#takeList(facts, askedAt, (fact) => this.#hear(fact));
  }

  /** Takes in what other windows have told; answers whether any of it was new. */
  hear({ facts, removals }: News): boolean {
    const heard = facts.map((fact) => this.#hear(fact));
    const gone = removals.map(({ id, removedAt }) => this.#hearRemoval(id, removedAt));
    return [...heard, ...gone].includes(true);
  }

  /** What other windows have not been told yet; it counts as told from now on. */
  takeNews(): News {
    const ids = [...this.#untold];
    this.#untold.clear();
    const facts = ids.flatMap((id) => this.#entries.get(id) ?? []).map(toldOf);
    const removals = ids.flatMap((id) => {
      const removedAt = this.#removedAt.get(id);
      return removedAt === undefined || this.#entries.has(id) ? [] : [{ id, removedAt }];
    });
    return { facts, removals };
  }

  /** Takes back news that could not be told. */
  keepNews({ facts, removals }: News): void {
    for (const { record } of facts) this.#untold.add(record.id);
    for (const { id } of removals) this.#untold.add(id);
  }

  #write(id: string, entry: Entry): void {
    this.#entries.set(id, entry);
    this.#untold.add(id);
  }

  #accept(fact: Fact, heard = false): boolean {
    const { id } = fact.record;
    const old = this.#entries.get(id);
    if (this.#knownAt(id) > fact.trueAt || old?.transition) return false;
    this.#entries.set(id, {
      record: merge(old?.record, fact.record),
      detailedIn: fact.detailedIn ?? old?.detailedIn,
      trueAt: fact.trueAt,
      heard,
    });
    return true;
  }

  #hear(fact: Fact): boolean {
    this.passBy(fact.trueAt);
    // What is as old as what we know is our own word, come back to us.
    return this.#knownAt(fact.record.id) < fact.trueAt && this.#accept(fact, true);
  }

  #hearRemoval(id: string, removedAt: number): boolean {
    this.passBy(removedAt);
    const entry = this.#entries.get(id);
    if (this.#knownAt(id) >= removedAt || entry?.transition) return false;
    this.#removedAt.set(id, removedAt);
    return this.#entries.delete(id);
  }

  /** The moment that an answer must not be older than. */
  #knownAt(id: string): number {
    return Math.max(this.#entries.get(id)?.trueAt ?? this.#listAskedAt, this.#removedAt.get(id) ?? 0);
  }

  #takeList(facts: readonly Fact[], askedAt: number, take: (fact: Fact) => void): void {
    const listed = new Set(facts.map(({ record }) => record.id));
    for (const [id, entry] of this.#entries) {
      if (!listed.has(id) && entry.trueAt < askedAt && !entry.transition) this.#entries.delete(id);
    }
    for (const fact of facts) take(fact);
    this.#listAskedAt = Math.max(this.#listAskedAt, askedAt);
    for (const [id, removedAt] of this.#removedAt) {
      if (removedAt < this.#listAskedAt) this.#removedAt.delete(id);
    }
  }

  /** Told of a moment that another window has seen: what is true from now on is later. */
  passBy(moment: number): void {
    this.#clock = Math.max(this.#clock, moment);
  }
}

const shown = ({ record, transition }: Entry): SandboxRecord =>
  transition ? { ...record, state: transition } : record;

const toldOf = (entry: Entry): Fact => ({
  record: shown(entry),
  trueAt: entry.trueAt,
  detailedIn: entry.detailedIn,
});

/**
 * An answer need not carry every field: what it leaves out stays. The end of its time belongs to the state in which it
 * was told; for one that we saw start it is reckoned until a list tells it.
 */
function merge(old: SandboxRecord | undefined, next: SandboxRecord): SandboxRecord {
  const told = Object.fromEntries(Object.entries(next).filter(([, value]) => value !== undefined));
  const merged = { ...old, ...told } as SandboxRecord;
  if (!old || old.state === next.state || next.endsAt !== undefined) return merged;
  const { timeoutSeconds } = merged;
  const starts = next.state === 'running' && timeoutSeconds !== undefined;
  return { ...merged, endsAt: starts ? Date.now() + timeoutSeconds * 1000 : undefined };
}
