/**
 * The IDs of the sandboxes of one account whose service has no list of them: those that were made here, and those that
 * the user has added. They are kept from one window to the next. Calls may overlap.
 */
export interface KnownIds {
  all(): Promise<readonly string[]>;
  /** An ID that is known already is not added twice. */
  add(id: string): Promise<void>;
  /** Forgets it, since it was deleted here. */
  remove(id: string): Promise<void>;
  /** Forgets it, since the service does not know it any more, and tells the user. */
  gone(id: string): Promise<void>;
}
