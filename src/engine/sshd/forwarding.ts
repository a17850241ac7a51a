import { randomBytes } from 'node:crypto';
import type { Connection, ServerChannel } from 'ssh2';
import { HttpError } from '../http/httpError.ts';
import type { LogFile } from '../logFile.ts';
import type { ShellHome } from '../pty/session.ts';
import type { Relay } from './relay.ts';
import { Relays } from './relays.ts';

/** What a client wants to be told of: a port on the sandbox's loopback, whatever the address, or a Unix socket. */
type Bind = { bindAddr: string; bindPort: number } | { socketPath: string };

type Answer = { accept: ((port?: number) => void) | undefined; reject: (() => void) | undefined };

/**
 * Connections that a client makes from its sandbox, and that it lets come to it from there (RFC 4254, section 7, and
 * OpenSSH's PROTOCOL, section 2.4). All sockets are made by processes inside the jail.
 */
export class Forwarding {
  readonly #client: Connection;
  readonly #log: LogFile;
  readonly #relays: Relays;
  readonly #listeners = new Map<string, Relay>();

  constructor(client: Connection, enter: () => Promise<ShellHome>, log: LogFile) {
    this.#client = client;
    this.#log = log;
    this.#relays = new Relays(enter);
    client.on('tcpip', (accept, reject, { destIP, destPort }) => {
      void this.#dial(['tcp', destIP, String(destPort)], accept, reject);
    });
    client.on('openssh.streamlocal', (accept, reject, { socketPath }) => {
      void this.#dial(['unix', socketPath], accept, reject);
    });
    client.on('request', (accept, reject, name, bind) => {
      if (name.startsWith('cancel-')) this.#cancel(bind, { accept, reject });
      else void this.#listen(bind, { accept, reject });
    });
  }

  /** The client is gone. */
  end(): void {
    this.#relays.end();
  }

  async #dial(where: string[], accept: () => ServerChannel, reject: () => void): Promise<void> {
    try {
      const { relay } = await this.#relays.start(['dial', ...where]);
      await relay.join(accept());
    } catch (error) {
      this.#note(error);
      reject();
    }
  }

  async #listen(bind: Bind, { accept, reject }: Answer): Promise<void> {
    const door = `sandbox-explorer-${randomBytes(16).toString('hex')}`;
    const where = 'socketPath' in bind ? ['unix', bind.socketPath] : ['tcp', String(bind.bindPort)];
    try {
      const { relay, said } = await this.#relays.start(['listen', ...where, door]);
      const bound = 'socketPath' in bind ? bind : { ...bind, bindPort: Number(said) };
      this.#listeners.set(keyOf(bound), relay);
      void relay.ended.then(() => this.#forget(bound, relay));
      accept?.(Number(said));
      await this.#welcome(relay, door, bound);
    } catch (error) {
      this.#note(error);
      reject?.();
    }
  }

  /** One after the other, at the speed at which the client takes them. */
  async #welcome(listener: Relay, door: string, bound: Bind): Promise<void> {
    for (;;) {
      const line = await listener.readLine();
      const [, number, address, port] = /^(\d{1,9}) ([\d.]{7,15}) (\d{1,5})$/.exec(line ?? '') ?? [];
      if (!number || !address) return;
      const channel = await this.#open(bound, address, Number(port));
      const words = ['dial', 'door', `${door}-${number}`];
      const dialled = this.#relays.start(words).then(({ relay }) => {
        // Nobody wants to hear the guest, who must not be kept waiting.
        if (!channel) return relay.kill();
        return relay.join(channel);
      });
      dialled.catch(() => channel?.end());
    }
  }

  /** Undefined when the client refuses. */
  #open(bound: Bind, address: string, port: number): Promise<ServerChannel | undefined> {
    return new Promise((resolve) => {
      const opened = (error: Error | undefined, channel: ServerChannel) =>
        resolve(error ? undefined : channel);
      if ('socketPath' in bound) this.#client.openssh_forwardOutStreamLocal(bound.socketPath, opened);
      else this.#client.forwardOut(bound.bindAddr, bound.bindPort, address, port, opened);
    });
  }

  #cancel(bind: Bind, { accept, reject }: Answer): void {
    const key = keyOf(bind);
    const listener = this.#listeners.get(key);
    this.#listeners.delete(key);
    listener?.stopListening();
    if (listener) accept?.();
    else reject?.();
  }

  /** One that somebody in the sandbox has ended, unless another one listens there by now. */
  #forget(bound: Bind, listener: Relay): void {
    if (this.#listeners.get(keyOf(bound)) === listener) this.#listeners.delete(keyOf(bound));
  }

  #note(error: unknown): void {
    if (!(error instanceof HttpError)) this.#log.error('forwarding by SSH failed', error);
  }
}

const keyOf = (bind: Bind) => ('socketPath' in bind ? bind.socketPath : `${bind.bindAddr} ${bind.bindPort}`);
