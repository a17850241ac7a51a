import type { Socket } from 'node:net';
import { Transport } from './transport.ts';
import type { HostKey } from './hostKey.ts';

/** The only ciphers on this hop, which a pipe needs none for: the ones that cost least, and every OpenSSH has them. */
const ciphers = ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com'];

/** The end that faces the local `ssh`: to it, this process is the server. */
export class LocalEnd {
  readonly transport: Transport;
  readonly #asked = Promise.withResolvers<void>();

  /** Starts to speak at once, so that the client's own time-outs do not run while the server is looked for. */
  constructor(input: Socket, output: Socket, key: HostKey) {
    this.transport = new Transport(input, output, {
      server: true,
      hostKeys: { [key.parsed.type]: key.parsed },
      ciphers,
      serverHostKeys: [key.parsed.type],
      messageHandlers: {
        SERVICE_REQUEST: (protocol, name) => protocol.serviceAccept(name),
        USERAUTH_REQUEST: (protocol, _user, _service, method) => {
          // Whoever has the other end of our pipe has started us: there is nothing to prove.
          if (method === 'none') this.#asked.resolve();
          else protocol.authFailure([]);
        },
      },
    });
  }

  /** Lets the client in, as soon as it has asked for that. */
  async admit(): Promise<void> {
    await this.#asked.promise;
    this.transport.steps.authSuccess();
  }
}
