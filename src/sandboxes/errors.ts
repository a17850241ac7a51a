/** What went wrong, in the words that the whole program shares. */
export type ErrorKind =
  | 'unauthorized'
  | 'forbidden'
  | 'notFound'
  | 'conflict'
  | 'rateLimited'
  | 'unavailable'
  | 'invalid'
  | 'timeout'
  | 'network'
  | 'protocol'
  | 'cancelled';

/** What is wrong with one field of what was sent. */
export interface FieldError {
  readonly field: string;
  readonly error: string;
}

export interface ErrorDetails {
  /** The provider's identifier of the failed request, for its support. */
  readonly requestId?: string | undefined;
  /** Milliseconds that the provider asked us to wait before another try. */
  readonly retryAfterMs?: number | undefined;
  /** The fields that the provider refused, each with its reason. */
  readonly fields?: readonly FieldError[] | undefined;
  /** What the user can do, as a sentence. */
  readonly advice?: string | undefined;
  /** Whether the account has as many sandboxes as it may. */
  readonly limitReached?: boolean | undefined;
  readonly cause?: unknown;
}

/** The one error that leaves a provider: `message` is meant for a person. */
export class ProviderError extends Error {
  readonly kind: ErrorKind;
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly fields: readonly FieldError[];
  readonly advice: string | undefined;
  readonly limitReached: boolean;

  constructor(kind: ErrorKind, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'ProviderError';
    this.kind = kind;
    this.requestId = details.requestId;
    this.retryAfterMs = details.retryAfterMs;
    this.fields = details.fields ?? [];
    this.advice = details.advice;
    this.limitReached = details.limitReached ?? false;
  }

  /** Turns anything that was thrown into a ProviderError; what is one already passes unchanged. */
  static from(thrown: unknown): ProviderError {
    // Bundles carry a copy of this class each, so the name tells where `instanceof` cannot.
    if (thrown instanceof Error && thrown.name === 'ProviderError') return thrown as ProviderError;
    if (thrown instanceof Error && thrown.name === 'AbortError') {
      return new ProviderError('cancelled', 'Cancelled.', { cause: thrown });
    }
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new ProviderError('protocol', message, { cause: thrown });
  }

  /** To end a promise with. @throws ProviderError always */
  static readonly rethrow = (thrown: unknown): never => {
    throw ProviderError.from(thrown);
  };
}

/** What a provider may have or not. @throws ProviderError `invalid` with the refusal when it has not */
export function demanded<T>(facet: T | undefined, refusal: string): T {
  if (facet === undefined) throw new ProviderError('invalid', refusal);
  return facet;
}

/** The same failure with another word on what to do about it. */
export function advised(
  failure: ProviderError,
  advice: string,
  { limitReached }: Pick<ErrorDetails, 'limitReached'> = {},
): ProviderError {
  const { kind, message, requestId, retryAfterMs, fields } = failure;
  const details = { requestId, retryAfterMs, fields, advice, limitReached, cause: failure };
  return new ProviderError(kind, message, details);
}

/** The whole story for a message box: what happened, which fields, what to do. */
export function explain(error: ProviderError): string {
  const fields = error.fields
    .map(({ field, error: reason }) => [field, reason].filter(Boolean).join(': '))
    .join('; ');
  return [withStop(error.message), fields && withStop(fields), error.advice].filter(Boolean).join(' ');
}

const withStop = (text: string) => (/[.!?]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`);

/** What a call answers; nothing when what it is about is gone. */
export async function unlessGone<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (thrown) {
    if (ProviderError.from(thrown).kind === 'notFound') return undefined;
    throw thrown;
  }
}
