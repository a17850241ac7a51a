import { DEFAULT_SERVER_HOST_KEY } from 'ssh2/lib/protocol/constants.js';
import { init } from 'ssh2/lib/protocol/crypto.js';
import { plain } from '../../common/text.ts';
import { dial } from '../../net/dial.ts';
import type { Network } from '../../net/network.ts';
import { ProviderError } from '../../sandboxes/errors.ts';
import type { KeptAccess } from '../hostRecord.ts';
import { isPinned, pin, pinnedTypes } from '../knownHosts.ts';
import { Silence } from './relay.ts';
import { Transport, type TransportEnd } from './transport.ts';

/** Milliseconds from the first byte until the server has shown who it is. */
const handshakeMs = 20_000;
/** Milliseconds for its answer to the password: a sandbox that sleeps is woken in that time. */
const admissionMs = 120_000;

export interface ServerOptions {
  /** Who it is, for a person. */
  readonly name: string;
  readonly access: KeptAccess;
  readonly network: Network;
  readonly knownHosts: string;
  /** The name in `known_hosts` under which the server's key is pinned. */
  readonly pinName: string;
}

/**
 * Connects with the gateway, or the engine, and logs in.
 * @throws ProviderError `unauthorized` when the password is refused, `forbidden` when the host key is not the one that
 *   is pinned.
 */
export async function connectServer(options: ServerOptions): Promise<Transport> {
  const { name, access, network, knownHosts, pinName } = options;
  const [socket] = await Promise.all([dial({ origin: `ssh://${addressOf(access)}` }, network), init]);
  socket.setNoDelay();
  const progress = new Progress();
  const transport = new Transport(socket, socket, {
    serverHostKeys: hostKeyAlgorithms(pinnedTypes(knownHosts, pinName)),
    hostVerifier: (key) => {
      try {
        if (!isPinned(knownHosts, pinName, key)) progress.newKey = key;
        return true;
      } catch (error) {
        transport.fail(error as Error);
        return false;
      }
    },
    onHandshake: () => progress.handshake.resolve(),
    messageHandlers: {
      SERVICE_ACCEPT: (protocol) => protocol.authPassword(access.user, access.password),
      USERAUTH_BANNER: (_, text) => (progress.banner = text),
      USERAUTH_SUCCESS: () => progress.admission.resolve(),
      USERAUTH_FAILURE: () => transport.fail(refusal(name, progress.banner)),
    },
  });
  await step(progress.handshake.promise, handshakeMs, transport, name);
  // Only now has it proven that the key is its own.
  if (progress.newKey) await pin(knownHosts, pinName, progress.newKey);
  transport.steps.service('ssh-userauth');
  await step(progress.admission.promise, admissionMs, transport, name);
  return transport;
}

class Progress {
  readonly handshake = Promise.withResolvers<void>();
  readonly admission = Promise.withResolvers<void>();
  banner = '';
  newKey: Buffer | undefined;
}

/** As in a URL. */
export const addressOf = ({ host, port }: KeptAccess): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;

/** The kind of key that is known comes first; with any other one the server is refused, and not misunderstood. */
function hostKeyAlgorithms(pinned: readonly string[]): string[] {
  // An RSA key goes by the names of its signatures.
  const known = pinned.flatMap((type) => (type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : [type]));
  return [...new Set([...known, ...DEFAULT_SERVER_HOST_KEY])];
}

function refusal(name: string, banner: string): ProviderError {
  const reason = brief(banner);
  return new ProviderError('unauthorized', `${name} refused the SSH access${reason && `: ${reason}`}`);
}

async function step(
  done: Promise<void>,
  milliseconds: number,
  transport: Transport,
  name: string,
): Promise<void> {
  const late = setTimeout(
    () => transport.fail(new ProviderError('timeout', `${name} did not answer in time.`)),
    milliseconds,
  );
  const lost = transport.ended.then((end) => {
    throw explainEnd(name, end);
  });
  await Promise.race([done, lost]).finally(() => clearTimeout(late));
}

/** Why a connection with a server is over, as a sentence. */
export function explainEnd(name: string, { error, farewell }: TransportEnd): ProviderError {
  if (error instanceof ProviderError) return error;
  const what = error instanceof Silence ? 'does not answer any more' : 'closed the connection';
  const reason = error instanceof Silence ? '' : brief(farewell || error?.message || '');
  return new ProviderError('network', `${name} ${what}${reason && `: ${reason}`}`, { cause: error });
}

/** Text from outside, no longer than a person reads. */
const brief = (text: string): string => plain(text).slice(0, 300);
