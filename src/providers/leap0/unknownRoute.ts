import { Refusal } from '../../net/failure.ts';
import type { Route } from './dialect.ts';

const statuses = new Set([301, 302, 307, 308, 404, 405]);

/**
 * Whether a service may have refused a call because it has no such route. A 404 may also be about what the call is for;
 * either way nothing was done.
 */
export const mayBeUnknownRoute = (thrown: unknown): boolean =>
  thrown instanceof Refusal && statuses.has(thrown.status);

/** Calls a route, or the other one that a service may have in its place. */
export async function inTurn<R extends Route & { readonly otherwise?: R }, T>(
  route: R,
  call: (route: R) => Promise<T>,
): Promise<T> {
  try {
    return await call(route);
  } catch (thrown) {
    if (!route.otherwise || !mayBeUnknownRoute(thrown)) throw thrown;
    // When both are refused, the first refusal is as good as any.
    return call(route.otherwise).catch((other: unknown) => {
      throw mayBeUnknownRoute(other) ? thrown : other;
    });
  }
}
