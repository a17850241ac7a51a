import type { Readable, Writable } from 'node:stream';
import type { ServerChannel } from 'ssh2';

/**
 * Sends a channel's two streams, one piece at a time. ssh2 (1.17) lets only one of them wait for the client's window,
 * and does not forget the piece that has waited: sent freely, output comes twice or never when both have to wait.
 */
export class Outflow {
  readonly #channel: ServerChannel;
  #turn: Promise<void> = Promise.resolve();

  constructor(channel: ServerChannel) {
    this.#channel = channel;
  }

  /** Sends all that comes. Resolves when the client has taken it; never, when it closes the channel before. */
  stdout(source: Readable): Promise<void> {
    return this.#pour(source, this.#channel);
  }

  /** The same for the other stream. */
  stderr(source: Readable): Promise<void> {
    return this.#pour(source, this.#channel.stderr);
  }

  async #pour(source: Readable, to: Writable): Promise<void> {
    try {
      for await (const bytes of source) await this.#send(to, bytes as Buffer);
    } catch {
      // It was closed; what becomes of its writer is told elsewhere.
    }
  }

  #send(to: Writable, bytes: Buffer): Promise<void> {
    this.#turn = this.#sendAfter(this.#turn, to, bytes);
    return this.#turn;
  }

  async #sendAfter(before: Promise<void>, to: Writable, bytes: Buffer): Promise<void> {
    await before;
    await new Promise((resolve) => to.write(bytes, resolve));
    Object.assign(this.#channel, { _chunk: undefined, _chunkcb: undefined });
  }
}
