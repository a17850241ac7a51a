/** Where a service is and how we prove who we are. */
export interface Endpoint {
  /** Such as `https://api.leap0.dev`; with a `socketPath` only its path matters. */
  readonly origin: string;
  /** A Unix socket that is connected to instead of the origin's host. */
  readonly socketPath?: string | undefined;
  /** Sent with every request and every WebSocket upgrade. Holds secrets: never logged. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Finds the endpoint anew for every call, since a key may be replaced and an engine may have to be started. */
export type FindEndpoint = (signal?: AbortSignal) => Promise<Endpoint>;

/** Who answers at an endpoint, for a person. */
export const nameOf = ({ origin, socketPath }: Pick<Endpoint, 'origin' | 'socketPath'>): string =>
  socketPath ? 'The local engine' : new URL(origin).host;
