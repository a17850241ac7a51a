/** A list is read again when somebody looks at it after this time. Milliseconds. */
const freshMs = 15_000;

interface Reading<T> {
  /** By the clock that nobody sets. */
  readonly readAt: number;
  readonly list: Promise<readonly T[]>;
}

/** Lists by key that are read when somebody looks at them, and not again for a while. */
export class FreshLists<T> {
  readonly #readings = new Map<string, Reading<T>>();

  /** The list as it was read a moment ago, else as `read` answers it; a failure is not kept. */
  get(key: string, read: () => Promise<readonly T[]>): Promise<readonly T[]> {
    const known = this.#readings.get(key);
    if (known && performance.now() - known.readAt < freshMs) return known.list;
    const list = read();
    this.#readings.set(key, { readAt: performance.now(), list });
    list.catch(() => this.#readings.delete(key));
    return list;
  }

  /** Has one list, or all, read again at the next look. */
  forget(key?: string): void {
    if (key === undefined) this.#readings.clear();
    else this.#readings.delete(key);
  }
}
