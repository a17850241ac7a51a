import { WebSocket } from 'ws';
import type { CallOptions } from '../sandboxes/provider.ts';
import { ProviderError } from '../sandboxes/errors.ts';
import type { Endpoint } from './endpoint.ts';
import { failureOfStatus, failureOfTransport } from './failure.ts';

/**
 * Opens a WebSocket; what arrives before the caller listens is held back until `resume()`.
 * @throws ProviderError `timeout` when the handshake takes longer than `timeoutMs`, or by the status of a refusal.
 */
export function openWebSocket(
  endpoint: Endpoint,
  path: string,
  options: CallOptions & { readonly timeoutMs: number },
): Promise<WebSocket> {
  const { signal, timeoutMs } = options;
  const socket = new WebSocket(addressOf(endpoint, path), {
    headers: { ...endpoint.headers },
    // Compression costs 15 to 100 times the CPU on a terminal's small frames.
    perMessageDeflate: false,
    handshakeTimeout: timeoutMs,
  });
  return new Promise((resolve, reject) => {
    const abort = () => socket.terminate();
    const finish = (settle: () => void) => {
      signal?.removeEventListener('abort', abort);
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
      finish(() => reject(failureOfStatus(response.statusCode ?? 0, message, details)));
    });
    socket.on('error', (error) => finish(() => reject(failureOfHandshake(error, signal))));
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
  });
}

function failureOfHandshake(error: Error, signal: AbortSignal | undefined): ProviderError {
  if (error.message.includes('handshake has timed out')) {
    return new ProviderError('timeout', 'The session did not answer in time.', { cause: error });
  }
  return failureOfTransport(error, 'The session', signal);
}

function addressOf(endpoint: Endpoint, path: string): string {
  if (endpoint.socketPath) return `ws+unix:${endpoint.socketPath}:${path}`;
  const url = new URL(path, endpoint.origin);
  url.protocol = url.protocol === 'http:' ? 'ws:' : 'wss:';
  return url.href;
}
