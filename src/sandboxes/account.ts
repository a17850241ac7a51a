import type { ProviderError } from './errors.ts';
import type { Provider } from './provider.ts';
import type { Sandbox } from './sandbox.ts';

/** One login at one service, as the user knows it. */
export interface Account {
  readonly id: string;
  readonly name: string;
  /** The kind of service, such as `local` or `leap0`. */
  readonly provider: string;
}

/** An account as the user's settings describe it. Its key is kept elsewhere. */
export interface AccountSettings {
  readonly id: string;
  readonly name: string;
  readonly provider: string;
  /** The service's own where it is missing. */
  readonly baseUrl?: string | undefined;
  /** The service's own where it is missing. */
  readonly sandboxDomain?: string | undefined;
  /** The header in which the key is sent; `Authorization` where it is missing. */
  readonly authHeader?: string | undefined;
  /** Whether `Bearer ` stands before the key; it does where this is missing. */
  readonly bearer?: boolean | undefined;
  /** Seconds after which a call is given up; the setting for all where it is missing. */
  readonly requestTimeout?: number | undefined;
}

/** All that the settings say of an account. */
export const accountFields = [
  'id',
  'name',
  'provider',
  'baseUrl',
  'sandboxDomain',
  'authHeader',
  'bearer',
  'requestTimeout',
] as const satisfies readonly (keyof AccountSettings)[];

/** What the explorer knows of an account: the last good list, when it was got, and the last error. */
export interface AccountView {
  readonly account: Account;
  /** Missing until the account was first used: nothing is loaded before. */
  readonly provider: Provider | undefined;
  readonly sandboxes: readonly Sandbox[];
  /** Milliseconds since 1970; missing before the first good list. */
  readonly listedAt: number | undefined;
  readonly error: ProviderError | undefined;
  readonly refreshing: boolean;
}
