import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

export interface ApiRequest {
  params: Record<string, string>;
  query: URLSearchParams;
  /** Aborted when the client goes away before it has its answer. */
  signal: AbortSignal;
  /** The `content-type` of the body. */
  contentType: string | undefined;
  /** The body as it came. @throws HttpError 413 above 10 MiB */
  bytes(): Promise<Buffer>;
  /** The body, which must be a JSON object. @throws HttpError 400 or 413 */
  json(): Promise<unknown>;
}

export interface ApiAnswer {
  status: number;
  /** Answered as JSON; without it and `content` the answer is empty. */
  body?: unknown;
  /** Answered as it is. */
  content?: Content;
}

export interface Content {
  type: string;
  bytes: Buffer;
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

export function send(response: ServerResponse, answer: ApiAnswer, headers: Record<string, string>): void {
  const content = answer.content ?? (answer.body === undefined ? undefined : json(answer.body));
  if (!content) {
    response.writeHead(answer.status, headers).end();
    return;
  }
  const { type, bytes } = content;
  response
    .writeHead(answer.status, { ...headers, 'content-type': type, 'content-length': bytes.length })
    .end(bytes);
}

export const json = (body: unknown): Content => ({
  type: 'application/json; charset=utf-8',
  bytes: Buffer.from(JSON.stringify(body)),
});
