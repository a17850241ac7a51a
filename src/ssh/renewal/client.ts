import { connect, type Socket } from 'node:net';
import { plain } from '../../common/text.ts';
import { ProviderError } from '../../sandboxes/errors.ts';
import type { SshFolder } from '../folder.ts';
import { announced, isInOurFolder, withdraw, type Announced } from './announcement.ts';
import { Lines } from './lines.ts';
import { isSame, newNonce, proof, sharedSecret } from './secret.ts';
import * as wire from './wire.ts';

/** Milliseconds until a window has shown that it is one; one that hangs is passed over. */
const welcomeMs = 3_000;

/**
 * Has an open window renew the credentials of a host, which it writes to the host's file.
 * @param seen The `fingerprint` of the credentials that were found wanting.
 * @param patienceMs How long all windows together may take.
 * @returns Whether there was a window.
 * @throws ProviderError `unavailable` with a window's reason, when none could; `timeout` when one took too long.
 */
export async function askWindow(
  folder: SshFolder,
  host: string,
  seen: string,
  patienceMs: number,
): Promise<boolean> {
  const until = performance.now() + patienceMs;
  const secret = await sharedSecret(folder.secret);
  let refusal: ProviderError | undefined;
  for (const place of announced(folder)) {
    const socket = await reach(place);
    if (!socket) continue;
    const lines = new Lines(socket);
    try {
      const nonces = await meet(lines, secret);
      if (!nonces) continue;
      lines.send({ host, seen, proof: proof(secret, 'proxy', nonces, [host, seen]) });
      const { error, proof: given } = await lines.next(wire.answer, until - performance.now());
      if (!isSame(given, proof(secret, 'answer', nonces, [error ?? '']))) continue;
      if (error !== null) throw new ProviderError('unavailable', plain(error));
      return true;
    } catch (thrown) {
      // It may be another editor's, which has other accounts; or it closed, or broke. The next one may do better.
      const isRefusal = thrown instanceof ProviderError;
      // The others would wait for the one that is at it.
      if (performance.now() >= until) throw isRefusal ? thrown : tooSlow();
      if (isRefusal) refusal ??= thrown;
    } finally {
      socket.destroy();
    }
  }
  if (refusal) throw refusal;
  return false;
}

const tooSlow = (): ProviderError =>
  new ProviderError('timeout', 'An editor window was asked for SSH access, and did not answer in time.', {
    advice: 'Reload the windows that do not respond, and try again.',
  });

/** The nonces of both, when the other side is a window; a stranger learns nothing but a random number. */
async function meet(lines: Lines, secret: string): Promise<string[] | undefined> {
  const nonce = newNonce();
  lines.send(wire.greet(nonce));
  const welcome = await lines.next(wire.welcome, welcomeMs);
  const nonces = [nonce, welcome.nonce];
  return isSame(welcome.proof, proof(secret, 'window', nonces)) ? nonces : undefined;
}

/** A connection to a window; what a window that crashed has left is removed when nobody listens there any more. */
function reach(place: Announced): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(place.socket);
    socket.once('connect', () => resolve(socket));
    socket.once('error', ({ code }: NodeJS.ErrnoException) => {
      if (place.isHere && (code === 'ECONNREFUSED' || (code === 'ENOENT' && isInOurFolder(place))))
        withdraw(place);
      resolve(undefined);
    });
  });
}
