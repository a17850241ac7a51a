/** The user's own names for sandboxes, by key; a provider need not have any. */
export interface Labels {
  get(key: string): string | undefined;
  set(key: string, label: string | undefined): Promise<void>;
  /** Forgets the labels of an account's sandboxes that are not among these keys. */
  keep(accountId: string, keys: ReadonlySet<string>): Promise<void>;
}
