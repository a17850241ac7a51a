import { once } from 'node:events';
import type { Socket } from 'node:net';
import { certificateFault } from './certificates.ts';
import { Unreachable } from './unreachable.ts';

/** Who is at the other end of a connection, for a person, and what to do when they are not. */
export interface Hop {
  readonly name: string;
  readonly advice?: string;
}

/**
 * Waits until a step towards a connection is done, such as a socket's `connect`; a socket whose step fails, or is not
 * waited for any more, is destroyed.
 * @throws Unreachable `timeout` when the signal is aborted, else `network`.
 */
export async function reach<T>(hop: Hop, socket: Socket, step: Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await step;
  } catch (thrown) {
    socket.on('error', () => undefined).destroy();
    throw signal.aborted ? late(hop, thrown) : unreachable(hop, thrown);
  }
}

/** The step that is done as soon as the socket emits an event. */
export const emitted = (
  socket: Socket,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
): Promise<unknown> => once(socket, event, { signal });

function late({ name, advice }: Hop, cause: unknown): Unreachable {
  return new Unreachable('timeout', `${name} did not answer in time.`, { passing: false, advice, cause });
}

function unreachable({ name, advice }: Hop, cause: unknown): Unreachable {
  const code = codeOf(cause);
  const certificate = certificateFault(code);
  if (certificate) {
    const whose = name.replace(/^The /, 'the ');
    const message = `The certificate of ${whose} ${certificate.fault} (${code}).`;
    return new Unreachable('network', message, { passing: false, advice: certificate.advice, cause });
  }
  if (/^(EPROTO|ERR_SSL_|HPE_)/.test(code)) {
    const message = `${name} speaks another protocol than expected (${code}).`;
    return new Unreachable('network', message, { passing: false, advice, cause });
  }
  return new Unreachable('network', `${name} cannot be reached (${code}).`, { passing: true, advice, cause });
}

function codeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  return 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : thrown.message;
}
