import { writeSync } from 'node:fs';

const firstRetryMs = 1;
const maxRetryMs = 32;

/**
 * Writes to a terminal, in order, what it will take, and the rest later. node-pty's own queue asks the kernel again in
 * every turn of the event loop while a program does not read: a whole processor for one stopped editor.
 */
export class InputQueue {
  readonly #write: (bytes: Buffer) => number;
  readonly #onDrain: () => void;
  readonly #chunks: Buffer[] = [];
  #backlog = 0;
  #retryMs = firstRetryMs;
  #timer: NodeJS.Timeout | undefined;
  #open = false;
  #closed = false;

  /**
   * @param write takes some bytes and says how many; throws EAGAIN when it can take none now
   * @param onDrain is called when the backlog has become empty
   */
  constructor(write: (bytes: Buffer) => number, onDrain: () => void) {
    this.#write = write;
    this.#onDrain = onDrain;
  }

  /** Bytes that wait. */
  get backlog(): number {
    return this.#backlog;
  }

  push(bytes: Buffer): void {
    if (this.#closed || bytes.length === 0) return;
    this.#chunks.push(bytes);
    this.#backlog += bytes.length;
    if (this.#timer === undefined) this.#flush();
  }

  /** Nothing is written before this is called. */
  open(): void {
    if (this.#open) return;
    this.#open = true;
    this.#flush();
  }

  /** From now on nothing is written: the descriptor may soon be another file's. */
  close(): void {
    this.#closed = true;
    this.#chunks.length = 0;
    this.#backlog = 0;
    clearTimeout(this.#timer);
  }

  #flush(): void {
    this.#timer = undefined;
    if (!this.#open || this.#closed) return;
    for (let chunk = this.#chunks[0]; chunk; chunk = this.#chunks[0]) {
      const written = this.#tryWrite(chunk);
      if (written === 0) {
        this.#timer = setTimeout(() => this.#flush(), this.#retryMs);
        this.#retryMs = Math.min(this.#retryMs * 2, maxRetryMs);
        return;
      }
      this.#retryMs = firstRetryMs;
      this.#backlog -= written;
      if (written === chunk.length) this.#chunks.shift();
      else this.#chunks[0] = chunk.subarray(written);
    }
    this.#onDrain();
  }

  #tryWrite(chunk: Buffer): number {
    try {
      return this.#write(chunk);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return 0;
      // The other side is gone; its end is reported elsewhere.
      this.close();
      return 0;
    }
  }
}

export const writeTo = (descriptor: number) => (bytes: Buffer) => writeSync(descriptor, bytes);
