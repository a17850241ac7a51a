/** A time-out that can stand still for a while. It runs from the beginning. */
export class PausableTimer {
  readonly #due: () => void;
  #leftMs: number;
  #startedAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #isPaused = false;

  constructor(ms: number, due: () => void) {
    this.#leftMs = ms;
    this.#due = due;
    this.#start();
  }

  pause(): void {
    if (!this.#timer) return;
    this.clear();
    this.#leftMs -= performance.now() - this.#startedAt;
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#start();
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isPaused = false;
  }

  #start(): void {
    this.#startedAt = performance.now();
    this.#timer = setTimeout(
      () => {
        this.clear();
        this.#due();
      },
      Math.max(0, this.#leftMs),
    );
  }
}
