import type { Disposable } from '../common/disposable.ts';
import { ProviderError } from '../sandboxes/errors.ts';
import { dial } from './dial.ts';
import { nameOf, type Endpoint } from './endpoint.ts';
import type { Network } from './network.ts';
import { Client } from './undici.ts';
import { Unreachable } from './unreachable.ts';

/** Milliseconds that a quiet connection is kept, whatever the service offers: by then a setting may have changed. */
const keepMs = 10_000;
/** A burst of calls leaves no more connections than this behind. */
const mostKept = 8;

/**
 * The connections to the endpoints of one service, one request at a time on each. Dialling belongs to the call that
 * needs it, so its signal reaches the socket from the first moment; undici's own pools let a request wait for a
 * connection even when it was cancelled. undici repeats nothing that it has begun to write.
 */
export class Connections implements Disposable {
  readonly #network: Network | undefined;
  readonly #maxBodyBytes: number;
  readonly #all = new Set<Client>();
  readonly #idle = new Map<Client, string>();
  #disposed = false;

  constructor(network: Network | undefined, maxBodyBytes: number) {
    this.#network = network;
    this.#maxBodyBytes = maxBodyBytes;
  }

  /**
   * Runs an exchange on a connection, and keeps that for the next one when there may be one.
   * @param reuse Whether the connection may be one that is kept from before. A service may close that at the very
   *   moment at which we write to it, and nobody knows then whether it has read the request: so it is not for one
   *   that could not be repeated.
   */
  async use<T>(
    endpoint: Endpoint,
    reuse: boolean,
    signal: AbortSignal,
    exchange: (client: Client) => Promise<T>,
  ): Promise<T> {
    const key = JSON.stringify([endpoint.origin, endpoint.socketPath]);
    const client = (reuse && this.#take(key)) || (await this.#open(endpoint, signal));
    try {
      const result = await exchange(client);
      this.#keep(client, key);
      return result;
    } catch (thrown) {
      this.#drop(client);
      throw thrown;
    }
  }

  dispose(): void {
    this.#disposed = true;
    for (const client of this.#all) this.#drop(client);
  }

  #take(key: string): Client | undefined {
    for (const [client, kept] of this.#idle) {
      if (kept !== key) continue;
      this.#idle.delete(client);
      return client;
    }
    return undefined;
  }

  async #open(endpoint: Endpoint, signal: AbortSignal): Promise<Client> {
    const socket = await dial(endpoint, this.#network, signal);
    if (this.#disposed) {
      socket.destroy();
      throw new ProviderError('cancelled', 'Cancelled.');
    }
    let taken = false;
    const client = new Client(endpoint.origin, {
      // undici overlooks what is answered before its question returns.
      connect: (_options, callback) =>
        queueMicrotask(() => {
          if (taken) return callback(lost(endpoint), null);
          taken = true;
          callback(null, socket);
        }),
      maxResponseSize: this.#maxBodyBytes,
      keepAliveMaxTimeout: keepMs,
      // A call has one time-out for everything.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    this.#all.add(client);
    client.on('disconnect', () => this.#drop(client));
    return client;
  }

  #keep(client: Client, key: string): void {
    // One that was closed with its answer is not among them any more.
    if (!this.#all.has(client)) return;
    if (this.#idle.size < mostKept) this.#idle.set(client, key);
    else this.#drop(client);
  }

  #drop(client: Client): void {
    this.#idle.delete(client);
    if (this.#all.delete(client)) void client.destroy();
  }
}

/** The connection was closed while a request waited for its turn on it: nothing of that was sent. */
const lost = (endpoint: Endpoint): Unreachable =>
  new Unreachable('network', `${nameOf(endpoint)} broke off the connection.`, { passing: true });
