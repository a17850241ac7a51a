import { WebSocket } from 'ws';
import { timeoutSignal } from '../common/time.ts';
import type { CallOptions } from '../sandboxes/provider.ts';
import { dial } from './dial.ts';
import { nameOf, type Endpoint } from './endpoint.ts';
import { failureOfTransport, Refusal } from './failure.ts';
import type { Network } from './network.ts';
import { standing } from './tunnel.ts';

export interface WebSocketOptions extends CallOptions {
  /** Milliseconds for the connection and the handshake together. */
  readonly timeoutMs: number;
  /** How the service is reached; without it only the environment counts. */
  readonly network?: Network | undefined;
}

/**
 * Opens a WebSocket; what arrives before the caller listens is held back until `resume()`.
 * @throws ProviderError `timeout` when it takes longer than it may, or by the status of a refusal.
 */
export async function openWebSocket(
  endpoint: Endpoint,
  path: string,
  options: WebSocketOptions,
): Promise<WebSocket> {
  const timeout = timeoutSignal(options.timeoutMs);
  const until = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
  try {
    const connection = await dial(endpoint, options.network, until);
    const socket = new WebSocket(`ws+unix:${standing}:${path}`, {
      headers: { host: new URL(endpoint.origin).host, ...endpoint.headers },
      createConnection: () => connection,
      // Compression costs 15 to 100 times the CPU on a terminal's small frames.
      perMessageDeflate: false,
    });
    return await opened(socket, until);
  } catch (thrown) {
    throw failureOfTransport(thrown, nameOf(endpoint), options.signal);
  }
}

function opened(socket: WebSocket, until: AbortSignal): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      socket.terminate();
      finish(() => reject(until.reason as Error));
    };
    const finish = (settle: () => void) => {
      until.removeEventListener('abort', abort);
      settle();
    };
    socket.once('open', () => {
      socket.pause();
      finish(() => resolve(socket));
    });
    socket.once('unexpected-response', (_request, response) => {
      const requestId = response.headers['x-request-id'];
      const details = { requestId: Array.isArray(requestId) ? requestId[0] : requestId };
      const message = `The session cannot be connected to: ${response.statusCode} ${response.statusMessage}.`;
      response.resume();
      socket.terminate();
      finish(() => reject(new Refusal(response.statusCode ?? 0, message, details)));
    });
    socket.on('error', (error) => finish(() => reject(error)));
    if (until.aborted) abort();
    until.addEventListener('abort', abort, { once: true });
  });
}
