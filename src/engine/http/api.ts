import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

export interface ApiRequest {
  params: Record<string, string>;
  query: URLSearchParams;
  /** Aborted when the client goes away before it has its answer. */
  signal: AbortSignal;
  json(): Promise<unknown>;
}

export interface ApiAnswer {
  status: number;
  /** Answered as JSON; without it the answer is empty. */
  body?: unknown;
}

export type ApiHandler = (request: ApiRequest) => Promise<ApiAnswer> | ApiAnswer;

/** Takes a WebSocket upgrade over; throws an HttpError instead of upgrading. */
export type UpgradeHandler = (upgrade: Upgrade) => Promise<void>;

export interface Upgrade {
  params: Record<string, string>;
  request: IncomingMessage;
  socket: Duplex;
  head: Buffer;
}

/** A parameter of the route; the router only matches when it is there. */
export function param(request: { params: Record<string, string> }, name: string): string {
  return request.params[name] ?? '';
}

export function sendJson(
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  body?: unknown,
): void {
  if (body === undefined) {
    response.writeHead(status, headers).end();
    return;
  }
  const bytes = Buffer.from(JSON.stringify(body));
  response
    .writeHead(status, {
      ...headers,
      'content-type': 'application/json; charset=utf-8',
      'content-length': bytes.length,
    })
    .end(bytes);
}
