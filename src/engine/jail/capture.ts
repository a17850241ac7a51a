import type { Readable } from 'node:stream';

/** Keeps the beginning of a stream, and reads on so that its writer is never held up. */
export class Capture {
  /** Resolves when nothing more will come. */
  readonly ended: Promise<void>;
  readonly #stream: Readable;
  readonly #chunks: Buffer[] = [];
  #kept = 0;
  #total = 0;

  /**
   * @param limit how many bytes are kept
   * @param onOverflow is called once when there is more
   */
  constructor(stream: Readable, limit: number, onOverflow: () => void = () => undefined) {
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => {
      const fitted = !this.overflowed;
      this.#total += chunk.length;
      const room = limit - this.#kept;
      if (room > 0) this.#chunks.push(chunk.subarray(0, room));
      this.#kept += Math.max(0, Math.min(room, chunk.length));
      if (fitted && this.overflowed) onOverflow();
    });
    this.ended = new Promise((resolve) => stream.on('close', resolve));
  }

  /** Whether more came than is kept. */
  get overflowed(): boolean {
    return this.#total > this.#kept;
  }

  close(): void {
    this.#stream.destroy();
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** How many bytes came. */
  get total(): number {
    return this.#total;
  }
}
