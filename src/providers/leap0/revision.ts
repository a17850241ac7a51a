import type { Disposable } from '../../common/disposable.ts';
import { Refusal } from '../../net/failure.ts';
import type { Http } from '../../net/http.ts';
import { type ErrorKind, ProviderError } from '../../sandboxes/errors.ts';
import type { Dialect, Revision } from './dialect.ts';
import { restoreSnapshotPath, resumeSnapshotPath } from './paths.ts';
import { revisionA } from './revisionA.ts';
import { revisionB } from './revisionB.ts';
import { revisionM, revisionM1, revisionM2 } from './revisionM.ts';
import { mayBeUnknownRoute } from './unknownRoute.ts';
import { sandboxList } from './wire/responses.ts';
import type { Spelling } from './wire/spelling.ts';

/** Which revision the service of an account speaks, kept with the account from one window to the next. */
export interface KeptRevision {
  get(): Revision | undefined;
  set(revision: Revision | undefined): Promise<void>;
}

const dialects: Readonly<Record<Revision, Dialect>> = {
  A: revisionA,
  M: revisionM,
  M1: revisionM1,
  M2: revisionM2,
  B: revisionB,
};

/**
 * The dialect to speak with an account's service. It is asked once, and what it is then is kept: all revisions but A have
 * a list of sandboxes, A answers 404 to it, and only B knows the route by which B restores a snapshot.
 * Sources: the OpenAPI document of Leap0's documentation (B), and github.com/leap0-dev/leap0-js 0.1.0 (before it).
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
    if (await knows(http, restoreSnapshotPath, signal)) return 'B';
    return (await knows(http, resumeSnapshotPath, signal)) ? 'M' : 'B';
  } catch (thrown) {
    // Any web server on the way answers 404; Leap0 says it in its own words.
    if (thrown instanceof Refusal && thrown.status === 404 && thrown.explained) return 'A';
    throw thrown;
  } finally {
    http.dispose();
  }
}

/** After these it is unknown what the service knows. */
const unanswered = new Set<ErrorKind>(['unauthorized', 'rateLimited', 'unavailable']);

/**
 * Whether a service has a route that restores a snapshot. It is asked without the name of one, which every revision
 * demands: so it can do nothing but refuse.
 */
async function knows(http: Http, path: string, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await http.done({ method: 'POST', path, body: {}, signal });
    return true;
  } catch (thrown) {
    if (mayBeUnknownRoute(thrown)) return false;
    if (thrown instanceof Refusal && !unanswered.has(thrown.kind)) return true;
    throw thrown;
  }
}

/** What a dialect becomes when an answer of its service was in this spelling. */
export function settle(dialect: Dialect, spelling: Spelling): Dialect {
  if (!dialect.lists || dialect.spelling === spelling) return dialect;
  return spelling === 'A' ? revisionM1 : revisionM2;
}

/** Forgets the revision when a call fails that every service of it knows, so that the service is asked again. */
export async function doubt(kept: KeptRevision, thrown: unknown): Promise<never> {
  if (mayBeUnknownRoute(thrown)) await kept.set(undefined);
  throw ProviderError.from(thrown);
}
