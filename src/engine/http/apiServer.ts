import { randomUUID } from 'node:crypto';
import {
  createServer,
  STATUS_CODES,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import type { LogFile } from '../logFile.ts';
import type { ActivityMonitor } from '../activity.ts';
import { processesExhausted } from '../jail/refusal.ts';
import { send, type ApiAnswer, type ApiHandler, type UpgradeHandler } from './api.ts';
import { readBytes, readJson } from './body.ts';
import type { Gate } from './gate.ts';
import { HttpError } from './httpError.ts';
import { Router, type Match, type Route } from './router.ts';

/**
 * Milliseconds that a quiet connection is kept. Clients keep them for less: where we close one at the moment at which
 * it is written to, its client cannot know whether the request was read.
 */
const keepAliveMs = 30_000;

export interface ApiServerParts {
  log: LogFile;
  activity: ActivityMonitor;
  routes: Route<ApiHandler>[];
  upgrades: Route<UpgradeHandler>[];
}

/** Speaks HTTP for the routes: who may call, what is found, how errors look, what is logged. */
export class ApiServer {
  readonly #parts: ApiServerParts;
  readonly #router: Router<ApiHandler>;
  readonly #upgrades: Router<UpgradeHandler>;
  #leaving = false;

  constructor(parts: ApiServerParts) {
    this.#parts = parts;
    this.#router = new Router(parts.routes);
    this.#upgrades = new Router(parts.upgrades);
  }

  /** From now on every call is answered 503: the engine is shutting down. */
  leave(): void {
    this.#leaving = true;
  }

  /** @param gate who may call it by this listener */
  createListener(gate: Gate): Server {
    const server = createServer((request, response) => {
      void this.#answer(request, response, gate);
    });
    server.keepAliveTimeout = keepAliveMs;
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      void this.#upgrade({ request, socket, head }, gate);
    });
    return server;
  }

  async #answer(request: IncomingMessage, response: ServerResponse, gate: Gate): Promise<void> {
    const requestId = randomUUID();
    const headers = { 'x-request-id': requestId };
    const begun = performance.now();
    const aborted = new AbortController();
    const leave = this.#parts.activity.enter();
    response.on('close', () => {
      aborted.abort();
      leave();
      this.#logRequest(request, response.statusCode, begun, requestId);
    });
    try {
      const answer = await this.#handle(request, gate, aborted.signal);
      if (!response.destroyed) send(response, answer, headers);
    } catch (error) {
      const refusal = this.#asRefusal(error, requestId);
      const answer = { status: refusal.status, body: refusal.body() };
      if (!response.destroyed) send(response, answer, { ...headers, ...refusal.headers });
    }
  }

  async #handle(request: IncomingMessage, gate: Gate, signal: AbortSignal): Promise<ApiAnswer> {
    gate.check(request);
    this.#refuseWhenLeaving();
    const url = parseTarget(request);
    const { handler, params } = found(this.#router.match(request.method ?? '', url.pathname));
    return handler({
      params,
      query: url.searchParams,
      signal,
      contentType: request.headers['content-type'],
      bytes: () => readBytes(request),
      json: () => readJson(request),
    });
  }

  async #upgrade(
    { request, socket, head }: { request: IncomingMessage; socket: Duplex; head: Buffer },
    gate: Gate,
  ): Promise<void> {
    const requestId = randomUUID();
    const begun = performance.now();
    const leave = this.#parts.activity.enter();
    socket.on('close', leave);
    // A client that resets the connection is no concern of ours, but unheard it would end the process.
    socket.on('error', leave);
    try {
      gate.check(request);
      this.#refuseWhenLeaving();
      const { handler, params } = found(this.#upgrades.match('GET', parseTarget(request).pathname));
      await handler({ params, request, socket, head });
      this.#logRequest(request, 101, begun, requestId);
    } catch (error) {
      const refusal = this.#asRefusal(error, requestId);
      refuseUpgrade(socket, refusal, requestId);
      this.#logRequest(request, refusal.status, begun, requestId);
    }
  }

  #refuseWhenLeaving(): void {
    if (this.#leaving) throw new HttpError(503, 'The engine is shutting down. Start it again.');
  }

  #asRefusal(error: unknown, requestId: string): HttpError {
    const known = error instanceof HttpError ? error : processesExhausted(error);
    if (known) return known;
    this.#parts.log.error(`request ${requestId} failed`, error);
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    return new HttpError(
      500,
      `The engine failed${code}; its log, engine.log, tells more. Request ${requestId}.`,
    );
  }

  #logRequest(request: IncomingMessage, status: number, begun: number, requestId: string): void {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const milliseconds = Math.round(performance.now() - begun);
    this.#parts.log.info(`${request.method} ${path} ${status} ${milliseconds} ms ${requestId}`);
  }
}

function parseTarget(request: IncomingMessage): URL {
  // The path only: what a client names as host plays no part in routing.
  const url = URL.parse(`http://engine${request.url ?? '/'}`);
  if (!url || !request.url?.startsWith('/')) throw new HttpError(404, 'There is no such route.');
  return url;
}

function found<H>(match: Match<H>): { handler: H; params: Record<string, string> } {
  if (match.kind === 'found') return match;
  if (match.kind === 'unknown') throw new HttpError(404, 'There is no such route.');
  const allow = match.allowed.join(', ');
  throw new HttpError(405, `This route takes only ${allow}.`, { headers: { allow } });
}

function refuseUpgrade(socket: Duplex, refusal: HttpError, requestId: string): void {
  const body = Buffer.from(JSON.stringify(refusal.body()));
  const headers = {
    ...refusal.headers,
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(body.length),
    'x-request-id': requestId,
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? ''}\r\n${lines.join('')}\r\n`);
  socket.end(body);
}
