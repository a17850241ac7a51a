import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EngineAddress } from '../../common/engineEnvironment.ts';
import { newToken } from '../token.ts';
import { Gate } from './gate.ts';

export type CreateListener = (gate: Gate) => Server;

/**
 * Listens on loopback, and returns the `HOST:PORT` there.
 * @param address port 0 is any that is free
 * @throws Error when the port cannot be had
 */
export async function listenOnLoopback(
  createListener: CreateListener,
  address: { host: string; port: number },
  token: string,
): Promise<string> {
  let name = '';
  const server = createListener(new Gate(token, () => name));
  server.listen(address);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  name = address.host.includes(':') ? `[${address.host}]:${port}` : `${address.host}:${port}`;
  return name;
}

/**
 * A listener that is opened when somebody first asks for it, and ends with the engine. Its key is its own, and holds
 * nowhere else: what is left of it in shells and files is worth nothing to whoever gets the port after the engine.
 */
export class LoopbackOnDemand {
  readonly #createListener: CreateListener;
  #address: Promise<EngineAddress> | undefined;

  constructor(createListener: CreateListener) {
    this.#createListener = createListener;
  }

  /** Everybody gets the same, so that what was handed out earlier stays good. */
  open(): Promise<EngineAddress> {
    return (this.#address ??= this.#listen().catch((error: unknown) => {
      this.#address = undefined;
      throw error;
    }));
  }

  async #listen(): Promise<EngineAddress> {
    const key = newToken();
    const host = await listenOnLoopback(this.#createListener, { host: '127.0.0.1', port: 0 }, key);
    return { url: `http://${host}`, key };
  }
}
