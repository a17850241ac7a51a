import type { Disposable } from '../../common/disposable.ts';
import { Refusal } from '../../net/failure.ts';
import type { Http } from '../../net/http.ts';
import { ProviderError } from '../../sandboxes/errors.ts';
import type { Dialect, Revision } from './dialect.ts';
import { revisionA } from './revisionA.ts';
import { revisionB } from './revisionB.ts';
import { sandboxList } from './wire/responses.ts';

/** Which revision the service of an account speaks, kept with the account from one window to the next. */
export interface KeptRevision {
  get(): Revision | undefined;
  set(revision: Revision | undefined): Promise<void>;
}

const dialects: Readonly<Record<Revision, Dialect>> = { A: revisionA, B: revisionB };

/**
 * The dialect to speak with an account's service. It is asked once, and what it is then is kept: revision B has a list
 * of sandboxes, and A answers 404 to it. Source: leap0.md.
 * @throws ProviderError when the service cannot be asked, or refuses the key
 */
export async function findDialect(
  kept: KeptRevision,
  connect: () => Http,
  signal?: AbortSignal,
): Promise<Dialect> {
  const known = kept.get();
  if (known) return dialects[known];
  const revision = await ask(connect(), signal);
  await kept.set(revision);
  return dialects[revision];
}

async function ask(http: Http & Disposable, signal: AbortSignal | undefined): Promise<Revision> {
  try {
    await http.json(sandboxList, { method: 'GET', path: revisionB.keyProof.path, signal });
    return 'B';
  } catch (thrown) {
    // Any web server on the way answers 404; Leap0 says it in its own words.
    if (thrown instanceof Refusal && thrown.status === 404 && thrown.explained) return 'A';
    throw thrown;
  } finally {
    http.dispose();
  }
}

/** What a service answers to a call that its revision does not know, or no longer. */
const noSuchRoute = new Set([301, 302, 307, 308, 404, 405]);

/** Forgets the revision when a call fails that every service of it knows, so that the service is asked again. */
export async function doubt(kept: KeptRevision, thrown: unknown): Promise<never> {
  const isDoubtful = thrown instanceof Refusal && noSuchRoute.has(thrown.status);
  if (isDoubtful) await kept.set(undefined);
  throw ProviderError.from(thrown);
}
