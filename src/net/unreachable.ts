import { ProviderError, type ErrorDetails } from '../sandboxes/errors.ts';

export interface UnreachableDetails extends ErrorDetails {
  /** Whether another try in a moment may do better. */
  readonly passing: boolean;
}

/** No connection came about, so nothing of a request was sent: even one that must not be repeated may be. */
export class Unreachable extends ProviderError {
  readonly passing: boolean;

  constructor(kind: 'network' | 'timeout', message: string, details: UnreachableDetails) {
    super(kind, message, details);
    this.passing = details.passing;
  }
}
