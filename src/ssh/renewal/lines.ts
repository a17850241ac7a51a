import type { Socket } from 'node:net';
import * as v from 'valibot';

/** Characters that a line may have; none of ours comes near. */
const longestLine = 16_384;

/** JSON values over a local socket, one per line. */
export class Lines {
  readonly #socket: Socket;
  readonly #chunks: AsyncIterator<string>;
  #text = '';

  constructor(socket: Socket) {
    this.#socket = socket.setEncoding('utf8');
    // Whoever reads learns of an error; without a reader it is nobody's.
    socket.on('error', () => undefined);
    this.#chunks = socket[Symbol.asyncIterator]() as AsyncIterator<string>;
  }

  send(value: unknown): void {
    this.#socket.write(`${JSON.stringify(value)}\n`);
  }

  /**
   * The next line, decoded.
   * @throws Error when the socket ends before it, when it is none of what is expected, or when it takes longer than
   *   `patienceMs`. The socket is then closed.
   */
  async next<Schema extends v.GenericSchema>(
    schema: Schema,
    patienceMs: number,
  ): Promise<v.InferOutput<Schema>> {
    const late = setTimeout(() => this.#socket.destroy(new Error('no answer in time')), patienceMs);
    try {
      return v.parse(schema, JSON.parse(await this.#line()));
    } catch (error) {
      this.#socket.destroy();
      throw error;
    } finally {
      clearTimeout(late);
    }
  }

  async #line(): Promise<string> {
    for (;;) {
      const end = this.#text.indexOf('\n');
      if (end >= 0) {
        const line = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 1);
        return line;
      }
      if (this.#text.length > longestLine) throw new Error('a line is too long');
      const { value, done } = await this.#chunks.next();
      if (done) throw new Error('the connection was closed');
      this.#text += value;
    }
  }
}
