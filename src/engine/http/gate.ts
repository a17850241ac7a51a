import type { IncomingMessage } from 'node:http';
import { isAuthorized } from '../token.ts';
import { HttpError } from './httpError.ts';

/** Decides who may speak to the engine on one of its listeners. */
export class Gate {
  readonly #token: string;
  readonly #host: (() => string) | undefined;

  /**
   * @param host the `Host` that a TCP listener answers to, against DNS rebinding; missing for the Unix socket, which no
   *   web page can reach
   */
  constructor(token: string, host?: () => string) {
    this.#token = token;
    this.#host = host;
  }

  /** @throws HttpError 401 or 403 */
  check({ headers }: IncomingMessage): void {
    const host = this.#host?.();
    if (host !== undefined) {
      if (headers.origin !== undefined) throw new HttpError(403, 'Web pages may not call the engine.');
      if (headers.host !== host) throw new HttpError(403, `The Host header must be ${host}.`);
    }
    // Leap0 takes its key in either; the second is for a client whose first is another layer's.
    const given = [headers.authorization, headers['leap0-authorization']];
    if (!given.some((header) => typeof header === 'string' && isAuthorized(header, this.#token))) {
      throw new HttpError(401, "The token is missing or wrong: send it in the header 'Authorization'.");
    }
  }
}
