import { mayHaveBeenDone } from '../../net/failure.ts';
import { advised, ProviderError } from '../../sandboxes/errors.ts';
import type { Revision } from './dialect.ts';

/** Only revision B lists the sandboxes of an account. Source: leap0.md. */
const advice: Readonly<Record<Revision, string>> = {
  A:
    'The sandbox may have been made all the same, and this service has no list of them: look for it there, and add it ' +
    'by its ID, before you try again.',
  B: 'The sandbox may have been made all the same: look for it before you try again.',
};

/** Says of a sandbox that was perhaps made where to look for it: another try would make a second one. */
export function explainUnheard(revision: Revision, thrown: unknown): ProviderError {
  const failure = ProviderError.from(thrown);
  return mayHaveBeenDone(failure) ? advised(failure, advice[revision]) : failure;
}
