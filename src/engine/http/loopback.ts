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
 * A listener that is opened at the first request for it, and ends with the engine. Its key is its own, and valid nowhere
 * else: another user who gets the port after the engine learns nothing of use from a client that still calls it.
 */
export class LoopbackOnDemand {
  readonly #createListener: CreateListener;
  #address: Promise<EngineAddress> | undefined;

  constructor(createListener: CreateListener) {
    this.#createListener = createListener;
  }

  /** Answers the same each time, so that what was handed out earlier stays valid. */
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
