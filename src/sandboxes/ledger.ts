import type { SandboxRecord, SandboxState } from './sandbox.ts';

interface Entry {
  readonly record: SandboxRecord;
  /** What a command of ours is turning it into, while the command is under way. */
  readonly transition: SandboxState | undefined;
  /** The time, on the ledger's own clock, of its last change that was made here. */
  readonly changedAt: number;
}

/**
 * What we believe about one account's sandboxes. Its clock counts local changes: an answer belongs to the moment
 * at which it was asked for, and says nothing about what has been changed here since.
 */
export class Ledger {
  #clock = 0;
  readonly #entries = new Map<string, Entry>();
  readonly #removedAt = new Map<string, number>();

  /** The moment to hand in with the answer of a request that starts now. */
  now(): number {
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
      if (!listed.has(id) && entry.changedAt <= askedAt && !entry.transition) this.#entries.delete(id);
    }
    for (const record of records) this.accept(record, askedAt);
    for (const [id, removedAt] of this.#removedAt) if (removedAt <= askedAt) this.#removedAt.delete(id);
  }

  /** Takes in one sandbox's answer that was asked for at `askedAt`, unless something newer was done here. */
  accept(record: SandboxRecord, askedAt: number): void {
    const entry = this.#entries.get(record.id);
    const changedAt = entry?.changedAt ?? this.#removedAt.get(record.id) ?? 0;
    if (changedAt > askedAt || entry?.transition) return;
    this.#entries.set(record.id, { record: merge(entry?.record, record), transition: undefined, changedAt });
  }

  /** Shows a transition that a command of ours has begun. */
  begin(id: string, transition: SandboxState): void {
    const entry = this.#entries.get(id);
    if (entry) this.#entries.set(id, { ...entry, transition, changedAt: ++this.#clock });
  }

  /** Ends the transition: with the command's answer, or back to what was before it. */
  end(id: string, answer?: SandboxRecord): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    const record = answer ? merge(entry.record, answer) : entry.record;
    this.#entries.set(id, { record, transition: undefined, changedAt: ++this.#clock });
  }

  /** Adds a sandbox that was made here. */
  add(record: SandboxRecord): void {
    this.#entries.set(record.id, { record, transition: undefined, changedAt: ++this.#clock });
  }

  /** Forgets a sandbox; an older answer does not bring it back. */
  remove(id: string): void {
    this.#entries.delete(id);
    this.#removedAt.set(id, ++this.#clock);
  }
}

const shown = ({ record, transition }: Entry): SandboxRecord =>
  transition ? { ...record, state: transition } : record;

/** An answer need not carry every field: what it leaves out stays, but an end belongs to the state it was set in. */
function merge(old: SandboxRecord | undefined, next: SandboxRecord): SandboxRecord {
  const kept = old?.state === next.state ? old : { ...old, endsAt: undefined };
  const told = Object.fromEntries(Object.entries(next).filter(([, value]) => value !== undefined));
  return { ...kept, ...told } as SandboxRecord;
}
