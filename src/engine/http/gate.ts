import type { IncomingMessage } from 'node:http';
import { isAuthorized } from '../token.ts';
import { HttpError } from './httpError.ts';

/** Decides who may speak to the engine at all. */
export class Gate {
  readonly #token: string;

  constructor(token: string) {
    this.#token = token;
  }

  /**
   * @param host the `Host` of this listener when it is a TCP port; undefined for the Unix socket, which no web page
   *   can reach.
   * @throws HttpError 401 or 403
   */
  check(request: IncomingMessage, host: string | undefined): void {
    if (host !== undefined) {
      if (request.headers.origin !== undefined)
        throw new HttpError(403, 'Web pages may not call the engine.');
      if (request.headers.host !== host) {
        throw new HttpError(403, `The Host header must be ${host}.`);
      }
    }
    if (!isAuthorized(request.headers.authorization, this.#token)) {
      throw new HttpError(
        401,
        'The token is missing or wrong: send "Authorization: Bearer" and the token file\'s line.',
      );
    }
  }
}
