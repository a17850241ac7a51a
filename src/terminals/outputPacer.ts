import { Alarm } from '../common/time.ts';
import type { PtyChannel } from './channel.ts';

const tickMs = 20;
/**
 * Of a tick; a byte of text costs 1. With a processor of its own, a terminal that is drawn by software manages two to
 * three times as much plain text.
 */
const budget = 64 * 1024;
/** Measured: a line feed, at which a terminal scrolls, takes it as long as so many bytes of text. */
const lineCost = 16;
/** Above the first the source is paused, below the second it goes on. */
const highBytes = 64 * 1024;
const lowBytes = 32 * 1024;

const lineFeed = 0x0a;

/**
 * Hands a session's output on no faster than a terminal can draw it. VS Code's pseudoterminals have no flow control:
 * what they are given is kept until it is drawn, and the answer to Ctrl+C is drawn after all of it. Output of less than
 * the budget of a tick is not delayed.
 */
export class OutputPacer {
  readonly #source: Pick<PtyChannel, 'pause' | 'resume'>;
  readonly #handOn: (bytes: Uint8Array) => void;
  readonly #waiting: Uint8Array[] = [];
  readonly #tick = new Alarm();
  #backlog = 0;
  #left = budget;
  #isPaused = false;
  #isOver = false;

  /**
   * @param source is paused while more than 64 KiB wait
   * @param handOn is given all bytes in order, cut anywhere
   */
  constructor(source: Pick<PtyChannel, 'pause' | 'resume'>, handOn: (bytes: Uint8Array) => void) {
    this.#source = source;
    this.#handOn = handOn;
  }

  push(bytes: Uint8Array): void {
    if (this.#isOver) return;
    this.#waiting.push(bytes);
    this.#backlog += bytes.length;
    this.#spend();
    this.#balance();
  }

  /** Hands on at once what waits; what is pushed from now on is dropped. */
  end(): void {
    this.#isOver = true;
    this.#left = Infinity;
    this.#spend();
    this.#tick.dispose();
  }

  #spend(): void {
    for (let next = this.#waiting[0]; next && this.#left > 0; next = this.#waiting[0]) {
      const part = next.subarray(0, this.#pay(next));
      if (part.length === next.length) this.#waiting.shift();
      else this.#waiting[0] = next.subarray(part.length);
      this.#backlog -= part.length;
      if (!this.#tick.isSet) this.#tick.set(tickMs, () => this.#nextTick());
      this.#handOn(part);
    }
  }

  /** How many of the bytes the rest of the budget is enough for; it is taken from there. */
  #pay(bytes: Uint8Array): number {
    let length = 0;
    while (length < bytes.length && this.#left > 0) {
      this.#left -= bytes[length] === lineFeed ? lineCost : 1;
      length += 1;
    }
    return length;
  }

  #nextTick(): void {
    this.#left = budget;
    this.#spend();
    this.#balance();
  }

  #balance(): void {
    if (!this.#isPaused && this.#backlog > highBytes) {
      this.#isPaused = true;
      this.#source.pause();
    } else if (this.#isPaused && this.#backlog < lowBytes) {
      this.#isPaused = false;
      this.#source.resume();
    }
  }
}
