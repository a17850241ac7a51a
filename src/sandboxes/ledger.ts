import type { SandboxRecord, SandboxState } from './sandbox.ts';

/** How long an answer may be under way: a removal is remembered for that long. Milliseconds. */
const longestAnswer = 10 * 60_000;

interface Entry {
  readonly record: SandboxRecord;
  /** What a command of ours is turning it into, while the command is under way. */
  readonly transition: SandboxState | undefined;
  /** The moment for which the record is true: when it was asked for, or changed here. */
  readonly trueAt: number;
}

/**
 * What we believe about one account's sandboxes. An answer belongs to the moment at which it was asked for, and says
 * nothing about what has been answered or changed for a later one.
 */
export class Ledger {
  #clock = 0;
  readonly #entries = new Map<string, Entry>();
  readonly #removedAt = new Map<string, number>();

  /** A moment of its own, later than every one before: to be taken when a request starts, and handed in with its answer. */
  now(): number {
    this.#clock = Math.max(Date.now(), this.#clock + 1);
    return this.#clock;
  }

  get(id: string): SandboxRecord | undefined {
    const entry = this.#entries.get(id);
    return entry && shown(entry);
  }

  all(): SandboxRecord[] {
    return Array.from(this.#entries.values(), shown);
  }

  /** Whether a command of ours is under way for it. */
  isBusy(id: string): boolean {
    return this.#entries.get(id)?.transition !== undefined;
  }

  /** Takes in a whole list that was asked for at `askedAt`: what it lacks is gone. */
  acceptList(records: readonly SandboxRecord[], askedAt: number): void {
    const listed = new Set(records.map(({ id }) => id));
    for (const [id, entry] of this.#entries) {
      if (!listed.has(id) && entry.trueAt < askedAt && !entry.transition) this.#entries.delete(id);
    }
    for (const record of records) this.accept(record, askedAt);
    for (const [id, removedAt] of this.#removedAt) {
      if (removedAt < askedAt - longestAnswer) this.#removedAt.delete(id);
    }
  }

  /** Takes in one sandbox's answer that was asked for at `askedAt`, unless something newer is known. */
  accept(record: SandboxRecord, askedAt: number): void {
    const entry = this.#entries.get(record.id);
    const trueAt = Math.max(entry?.trueAt ?? 0, this.#removedAt.get(record.id) ?? 0);
    if (trueAt > askedAt || entry?.transition) return;
    this.#entries.set(record.id, {
      record: merge(entry?.record, record),
      transition: undefined,
      trueAt: askedAt,
    });
  }

  /** Shows a transition that a command of ours has begun. */
  begin(id: string, transition: SandboxState): void {
    const entry = this.#entries.get(id);
    if (entry) this.#entries.set(id, { ...entry, transition, trueAt: this.now() });
  }

  /** Ends the transition: with the command's answer, or back to what was before it. */
  end(id: string, answer?: SandboxRecord): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    const record = answer ? merge(entry.record, answer) : entry.record;
    this.#entries.set(id, { record, transition: undefined, trueAt: this.now() });
  }

  /** Adds a sandbox that was made here. */
  add(record: SandboxRecord): void {
    const started = merge({ ...record, state: 'starting' }, record);
    this.#entries.set(record.id, { record: started, transition: undefined, trueAt: this.now() });
  }

  /** Forgets a sandbox; an older answer does not bring it back. */
  remove(id: string): void {
    this.#entries.delete(id);
    this.#removedAt.set(id, this.now());
  }
}

const shown = ({ record, transition }: Entry): SandboxRecord =>
  transition ? { ...record, state: transition } : record;

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
