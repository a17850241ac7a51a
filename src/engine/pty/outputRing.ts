const initialBytes = 4096;
const newline = 0x0a;
/** How far to look for the end of the line that was cut. */
const maxLineBytes = 4096;

/** The last bytes that a terminal has put out, up to a limit; takes memory only as they come. */
export class OutputRing {
  readonly #limit: number;
  #bytes: Buffer;
  /** Of all that was ever written. */
  #total = 0;

  /** @param limit in bytes */
  constructor(limit: number) {
    this.#limit = limit;
    this.#bytes = Buffer.allocUnsafe(Math.min(initialBytes, limit));
  }

  write(chunk: Buffer): void {
    const kept = chunk.subarray(Math.max(0, chunk.length - this.#limit));
    this.#total += chunk.length - kept.length;
    this.#grow(this.#total + kept.length);
    const at = this.#total % this.#bytes.length;
    const untilEnd = kept.copy(this.#bytes, at);
    kept.copy(this.#bytes, 0, untilEnd);
    this.#total += kept.length;
  }

  /** A copy, oldest byte first. When older output is lost it begins with a whole line, if one begins soon. */
  snapshot(): Buffer {
    if (this.#total <= this.#bytes.length) return Buffer.from(this.#bytes.subarray(0, this.#total));
    const at = this.#total % this.#bytes.length;
    const all = Buffer.concat([this.#bytes.subarray(at), this.#bytes.subarray(0, at)]);
    return all.subarray(all.subarray(0, maxLineBytes).indexOf(newline) + 1);
  }

  #grow(needed: number): void {
    if (needed <= this.#bytes.length || this.#bytes.length === this.#limit) return;
    let size = this.#bytes.length;
    while (size < needed && size < this.#limit) size = Math.min(size * 2, this.#limit);
    const larger = Buffer.allocUnsafe(size);
    this.#bytes.copy(larger, 0, 0, this.#total);
    this.#bytes = larger;
  }
}
