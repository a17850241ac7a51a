import type { Disposable } from '../common/disposable.ts';
import type { AccountSettings } from './account.ts';
import type { Names, NamesData } from './names.ts';
import type { List, NewsSince } from './news.ts';

/** One piece of knowledge that the windows of an installation have in common. */
export interface Shared<T> {
  /**
   * What it is now; nothing where nobody has written it, or where it cannot be understood.
   * @throws Error when it cannot be read
   */
  read(): Promise<T | undefined>;
  /**
   * Changes it while no other window does, and answers what it is then. What comes back unchanged is not written.
   * @throws Error when it cannot be read or written
   */
  update(change: (now: T | undefined) => T): Promise<T>;
  /** Tells within a second that somebody has changed it. */
  watch(listener: () => void): Disposable;
}

/** What the windows tell each other of one account at one service. */
export interface Board {
  readonly list: Shared<List>;
  readonly news: Shared<NewsSince>;
  /** Runs a task while no other window runs one; one that waits too long, or cannot wait, runs it all the same. */
  inTurn<T>(task: () => Promise<T>): Promise<T>;
}

/** What is kept with an account besides what the user says of it. */
export interface AccountData {
  /** Which variety of its protocol the service speaks, in the provider's word. */
  readonly revision?: string | undefined;
  /** The service that revision and IDs are of: its address in the account's settings; missing for the usual one. */
  readonly revisionOf?: string | undefined;
  /** The sandboxes of a service that has no list of them. */
  readonly knownIds: readonly string[];
  /** The same of services where the account was before, by their origins: it may come back to them. */
  readonly otherIds?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** The accounts that the user has added, as the window has left them that changed them last. */
export interface AccountsData {
  readonly accounts: readonly AccountSettings[];
  /** Milliseconds since 1970, by the clocks of the windows, which only go on. */
  readonly changedAt: number;
}

/** What the windows tell each other of which accounts there are. */
export interface SharedAccounts {
  readonly list: Shared<AccountsData>;
  /** Runs a task while no other window runs one; one that waits too long, or cannot wait, runs it all the same. */
  inTurn<T>(task: () => Promise<T>): Promise<T>;
}

/** What the windows of an installation have in common. */
export interface Sharing {
  readonly names: Shared<NamesData>;
  readonly accounts: SharedAccounts;
  /** @param service Which service the account is read from. */
  board(accountId: string, service: string): Board;
  accountData(accountId: string): Shared<AccountData>;
  /** Removes what was shared about an account. Never rejects. */
  forget(accountId: string): Promise<void>;
}

/** What an account has in common with the other windows of this installation. */
export interface Common {
  readonly names: Names;
  readonly board: () => Promise<Board>;
}
