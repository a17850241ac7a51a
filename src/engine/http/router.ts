export interface Route<H> {
  method: string;
  /** Segments that begin with a colon are parameters: `/v1/sandbox/:id/pause`. */
  pattern: string;
  handler: H;
}

export type Match<H> =
  | { kind: 'found'; handler: H; params: Record<string, string> }
  | { kind: 'wrongMethod'; allowed: string[] }
  | { kind: 'unknown' };

interface CompiledRoute<H> {
  method: string;
  segments: string[];
  handler: H;
}

/** Finds the handler for a method and a path; a trailing slash makes no difference. */
export class Router<H> {
  readonly #routes: CompiledRoute<H>[];

  constructor(routes: Route<H>[]) {
    this.#routes = routes.map(({ method, pattern, handler }) => ({
      method,
      segments: split(pattern),
      handler,
    }));
  }

  match(method: string, path: string): Match<H> {
    const segments = decode(split(path));
    if (!segments) return { kind: 'unknown' };
    const allowed: string[] = [];
    for (const route of this.#routes) {
      const params = matchSegments(route.segments, segments);
      if (!params) continue;
      if (route.method === method) return { kind: 'found', handler: route.handler, params };
      allowed.push(route.method);
    }
    return allowed.length > 0 ? { kind: 'wrongMethod', allowed } : { kind: 'unknown' };
  }
}

function split(path: string): string[] {
  const segments = path.split('/').slice(1);
  if (segments.at(-1) === '') segments.pop();
  return segments;
}

function decode(segments: string[]): string[] | undefined {
  try {
    return segments.map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

function matchSegments(pattern: string[], segments: string[]): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const actual = segments[index] ?? '';
    if (expected.startsWith(':') && actual !== '') params[expected.slice(1)] = actual;
    else if (expected !== actual) return undefined;
  }
  return params;
}
