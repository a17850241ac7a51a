/** How far a clock may have moved on unnoticed, for instance while the machine slept. */
const checkMs = 30_000;

/** Calls once a moment has come, by the wall clock. Sleep of the machine counts as time that has passed. */
export class Deadline {
  readonly #due: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(due: () => void) {
    this.#due = due;
  }

  /** @param at milliseconds since 1970; replaces the moment set before. */
  set(at: number): void {
    this.clear();
    const wait = () => {
      const left = Math.max(at - Date.now(), 0);
      this.#timer = setTimeout(check, Math.min(left, checkMs)).unref();
    };
    const check = () => (Date.now() < at ? wait() : this.#due());
    wait();
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
