/** Runs the tasks of each key one after the other, in the order in which they came. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  /** Settles as the task does, which begins when those before it have settled. */
  async take<T>(key: string, task: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    const { promise: over, resolve: leave } = Promise.withResolvers<void>();
    this.#last.set(key, over);
    await before;
    try {
      return await task();
    } finally {
      if (this.#last.get(key) === over) this.#last.delete(key);
      leave();
    }
  }
}
