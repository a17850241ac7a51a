import { mayHaveBeenDone } from '../../net/failure.ts';
import { advised, ProviderError } from '../../sandboxes/errors.ts';
import type { Dialect } from './dialect.ts';

const listed = 'The sandbox may have been made all the same: look for it before you try again.';
const unlisted =
  'The sandbox may have been made all the same, and this service has no list of them: look for it there, and add it ' +
  'by its ID, before you try again.';

/** Says of a sandbox that was perhaps made where to look for it: another try would make a second one. */
export function explainUnheard({ lists }: Dialect, thrown: unknown): ProviderError {
  const failure = ProviderError.from(thrown);
  return mayHaveBeenDone(failure) ? advised(failure, lists ? listed : unlisted) : failure;
}
