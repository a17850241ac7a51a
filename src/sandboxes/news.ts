import type { SandboxRecord, SandboxState } from './sandbox.ts';

/** What somebody knows of one sandbox. */
export interface Fact {
  readonly record: SandboxRecord;
  /** The moment for which the record is true: when it was asked for, or changed by a command. */
  readonly trueAt: number;
  /** The state in which its details were read last; missing where they never were. */
  readonly detailedIn?: SandboxState | undefined;
}

export interface Removal {
  readonly id: string;
  readonly removedAt: number;
}

/** What has become known of an account's sandboxes one by one. */
export interface News {
  readonly facts: readonly Fact[];
  readonly removals: readonly Removal[];
}

/** A whole list, with what was known of its sandboxes besides. */
export interface List {
  /** The moment at which it was asked for. */
  readonly askedAt: number;
  /** When its answer came, by the clock on the wall: its age is counted from there. Milliseconds since 1970. */
  readonly listedAt: number;
  readonly facts: readonly Fact[];
}

/** What is newer than the list that was asked for at `listAskedAt`. */
export interface NewsSince extends News {
  readonly listAskedAt: number;
  /** When a window found that the account's key is refused; missing where it is not. */
  readonly refusedAt?: number | undefined;
}

/** Adds news to what others have told, and drops what the newest list tells anyway. */
export function addNews(old: NewsSince | undefined, more: News, askedAt: number): NewsSince {
  const listAskedAt = Math.max(old?.listAskedAt ?? 0, askedAt);
  const facts = newest([...(old?.facts ?? []), ...more.facts], ({ record }) => record.id, momentOf);
  const removals = newest([...(old?.removals ?? []), ...more.removals], ({ id }) => id, removalOf);
  const { refusedAt = 0 } = old ?? {};
  return {
    listAskedAt,
    ...(refusedAt > listAskedAt && { refusedAt }),
    facts: facts.filter((fact) => fact.trueAt > listAskedAt),
    removals: removals.filter((removal) => removal.removedAt > listAskedAt),
  };
}

/** Adds that the key is refused; the first window that finds it so since the newest list is the one that tells. */
export function addRefusal(old: NewsSince | undefined, refusedAt: number): NewsSince {
  return old?.refusedAt === undefined ? { ...addNews(old, nothing, 0), refusedAt } : old;
}

const nothing: News = { facts: [], removals: [] };

const momentOf = ({ trueAt }: Fact) => trueAt;
const removalOf = ({ removedAt }: Removal) => removedAt;

function newest<T>(items: readonly T[], idOf: (item: T) => string, at: (item: T) => number): T[] {
  const found = new Map<string, T>();
  for (const item of items) {
    const other = found.get(idOf(item));
    if (!other || at(other) <= at(item)) found.set(idOf(item), item);
  }
  return [...found.values()];
}
