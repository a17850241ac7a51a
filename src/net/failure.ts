import { ProviderError, type ErrorDetails, type ErrorKind } from '../sandboxes/errors.ts';
import { errors } from './undici.ts';
import { Unreachable } from './unreachable.ts';

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

export interface RefusalDetails extends ErrorDetails {
  /** Whether the message is the service's own: without one, the refusal may come from anything on the way to it. */
  readonly explained?: boolean;
}

/** The error for an HTTP status of 400 or more, or one that a request for JSON never expects. */
export class Refusal extends ProviderError {
  readonly status: number;
  readonly explained: boolean;

  constructor(status: number, message: string, details: RefusalDetails) {
    const kind = kindOfStatus[status] ?? (status >= 500 ? 'unavailable' : 'protocol');
    super(kind, message, details);
    this.status = status;
    this.explained = details.explained ?? false;
  }
}

const unheard = new Set<ErrorKind>(['timeout', 'network', 'protocol']);
/** What a gateway says when it has not heard what the service did with a request (RFC 9110, section 15.6). */
const unheardStatuses = new Set([502, 504]);

/** Whether a request that failed, whatever it asked for, may have been done all the same. */
export function mayHaveBeenDone(failure: ProviderError): boolean {
  if (failure instanceof Unreachable) return false;
  return failure instanceof Refusal ? unheardStatuses.has(failure.status) : unheard.has(failure.kind);
}

/**
 * The error for a request that got no answer. `signal` is the caller's own: when it is aborted the caller gave up,
 * otherwise our time-out did.
 */
export function failureOfTransport(thrown: unknown, where: string, signal?: AbortSignal): ProviderError {
  if (signal?.aborted) return new ProviderError('cancelled', 'Cancelled.', { cause: thrown });
  if (thrown instanceof Error && thrown.name === 'ProviderError') return thrown as ProviderError;
  if (isTimeout(thrown)) {
    return new ProviderError('timeout', `${where} did not answer in time.`, { cause: thrown });
  }
  if (
    thrown instanceof errors.ResponseExceededMaxSizeError ||
    thrown instanceof errors.HeadersOverflowError
  ) {
    return new ProviderError('protocol', `${where} sent more than it may.`, { cause: thrown });
  }
  const code = codeOf(thrown);
  if (code && !code.startsWith('HPE_') && !isUnaskedUpgrade(thrown)) {
    return new ProviderError('network', `${where} broke off the connection (${code}).`, { cause: thrown });
  }
  // undici, ws and Node's parser tell that a connection failed by a code, and that an answer is bad by its words.
  const reason = (thrown instanceof Error ? thrown.message : String(thrown)).replace(/\.$/, '');
  return new ProviderError('protocol', `${where} gave an answer that is not understood: ${reason}.`, {
    cause: thrown,
  });
}

function isTimeout(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === 'TimeoutError';
}

/** A 101 that nobody asked for, which undici tells like a connection that failed. */
const isUnaskedUpgrade = (thrown: unknown): boolean =>
  thrown instanceof errors.SocketError && thrown.message === 'bad upgrade';

function codeOf(thrown: unknown): string | undefined {
  const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
