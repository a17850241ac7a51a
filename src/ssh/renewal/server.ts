import { createServer, type Server, type Socket } from 'node:net';
import { chmodSync, existsSync } from 'node:fs';
import type { Disposable } from '../../common/disposable.ts';
import type { Log } from '../../common/log.ts';
import { explain, ProviderError } from '../../sandboxes/errors.ts';
import type { SshAccess } from '../../sandboxes/provider.ts';
import type { SshFolder } from '../folder.ts';
import type { HostRecord } from '../hostRecord.ts';
import type { AccessBook } from './accessBook.ts';
import { announce, chooseSocket, withdraw, type Announced } from './announcement.ts';
import { Lines } from './lines.ts';
import { renewOnce } from './renewOnce.ts';
import { isSame, newNonce, proof, readSecret, sharedSecret } from './secret.ts';
import * as wire from './wire.ts';

/** Milliseconds for each word of ssh-proxy, which has nothing else to do. */
const patienceMs = 5_000;

export interface RenewalOptions {
  readonly folder: SshFolder;
  /** Gets fresh credentials for the sandbox of a host; what it throws is told to the person who ran `ssh`. */
  readonly renew: (
    host: string,
    record: HostRecord,
    signal: AbortSignal,
    book: AccessBook,
  ) => Promise<SshAccess>;
  readonly log: Log;
}

/** A window's side of the renewal: serves the ssh-proxies of this user, while the window is open. */
export class RenewalServer implements Disposable {
  readonly #options: RenewalOptions;
  readonly #secret: string;
  readonly #place: Announced;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #closing = new AbortController();

  /** Listens, and tells where, as soon as this returns. The folder must have been prepared. */
  static async start(options: RenewalOptions): Promise<RenewalServer> {
    const secret = await sharedSecret(options.folder.secret);
    const server = new RenewalServer(options, secret, chooseSocket(options.folder));
    try {
      await server.#listen();
    } catch (error) {
      server.dispose();
      throw error;
    }
    return server;
  }

  private constructor(options: RenewalOptions, secret: string, place: Announced) {
    this.#options = options;
    this.#secret = secret;
    this.#place = place;
    this.#server = createServer((socket) => void this.#serve(socket));
  }

  /** Whether ssh-proxy can find this window and trust it: that ends when another window removes our folder. */
  get isFound(): boolean {
    return existsSync(this.#place.file) && readSecret(this.#options.folder.secret) === this.#secret;
  }

  dispose(): void {
    withdraw(this.#place);
    this.#closing.abort();
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #listen(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject).listen(this.#place.socket, resolve);
    await promise;
    if (process.platform !== 'win32') chmodSync(this.#place.socket, 0o600);
    await announce(this.#place);
  }

  async #serve(socket: Socket): Promise<void> {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    const lines = new Lines(socket);
    try {
      const { nonce } = await lines.next(wire.hello, patienceMs);
      const nonces = [nonce, newNonce()];
      lines.send({ nonce: nonces[1], proof: proof(this.#secret, 'window', nonces) });
      const demand = await lines.next(wire.demand, patienceMs);
      const { host, seen } = demand;
      if (!isSame(demand.proof, proof(this.#secret, 'proxy', nonces, [host, seen]))) return;
      const error = await this.#renew(host, seen);
      lines.send({ error, proof: proof(this.#secret, 'answer', nonces, [error ?? '']) });
    } catch (error) {
      this.#options.log.debug(`A connection to the SSH renewal ended: ${(error as Error).message}`);
    } finally {
      socket.end();
    }
  }

  /** Nothing when the host's file has fresh credentials now, else why not. */
  async #renew(host: string, seen: string): Promise<string | null> {
    const { folder, renew, log } = this.#options;
    try {
      await renewOnce(folder, host, seen, (record, book) => renew(host, record, this.#closing.signal, book));
      log.info(`The SSH access of ${host} is fresh`);
      return null;
    } catch (thrown) {
      const error = ProviderError.from(thrown);
      log.warn(`The SSH access of ${host} is not renewed: ${error.message}`);
      return explain(error);
    }
  }
}
