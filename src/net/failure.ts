import { errors } from './undici.ts';
import { ProviderError, type ErrorDetails, type ErrorKind } from '../sandboxes/errors.ts';

const kindOfStatus: Readonly<Record<number, ErrorKind>> = {
  400: 'invalid',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'notFound',
  405: 'invalid',
  409: 'conflict',
  410: 'notFound',
  413: 'invalid',
  415: 'invalid',
  422: 'invalid',
  429: 'rateLimited',
};

/** The error for an HTTP status of 400 or more, or one that a request for JSON never expects. */
export function failureOfStatus(status: number, message: string, details: ErrorDetails): ProviderError {
  const kind = kindOfStatus[status] ?? (status >= 500 ? 'unavailable' : 'protocol');
  return new ProviderError(kind, message, details);
}

/**
 * The error for a request that got no answer. `signal` is the caller's own: when it is aborted the caller gave up,
 * otherwise our time-out did.
 */
export function failureOfTransport(thrown: unknown, where: string, signal?: AbortSignal): ProviderError {
  if (thrown instanceof Error && thrown.name === 'ProviderError') return thrown as ProviderError;
  if (signal?.aborted) return new ProviderError('cancelled', 'Cancelled.', { cause: thrown });
  if (isTimeout(thrown)) {
    return new ProviderError('timeout', `${where} did not answer in time.`, { cause: thrown });
  }
  if (thrown instanceof errors.ResponseExceededMaxSizeError) {
    return new ProviderError('protocol', `${where} sent more than it may.`, { cause: thrown });
  }
  const code = codeOf(thrown);
  const reason = code ?? (thrown instanceof Error ? thrown.message : String(thrown));
  return new ProviderError('network', `${where} cannot be reached (${reason}).`, { cause: thrown });
}

function isTimeout(thrown: unknown): boolean {
  return (
    (thrown instanceof Error && thrown.name === 'TimeoutError') ||
    thrown instanceof errors.HeadersTimeoutError ||
    thrown instanceof errors.BodyTimeoutError ||
    thrown instanceof errors.ConnectTimeoutError
  );
}

function codeOf(thrown: unknown): string | undefined {
  const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
