/**
 * Runs one task at a time, with the newest value: what is asked for while it runs replaces what waits. A window
 * that is dragged asks for a hundred sizes, and only the last one matters.
 */
export class Latest<T> {
  readonly #task: (value: T) => Promise<void>;
  #waiting: { readonly value: T } | undefined;
  #running = false;

  /** @param task Must not reject. */
  constructor(task: (value: T) => Promise<void>) {
    this.#task = task;
  }

  run(value: T): void {
    this.#waiting = { value };
    if (!this.#running) void this.#drain();
  }

  async #drain(): Promise<void> {
    this.#running = true;
    for (let next = this.#waiting; next; next = this.#waiting) {
      this.#waiting = undefined;
      await this.#task(next.value);
    }
    this.#running = false;
  }
}
