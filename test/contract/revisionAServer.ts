import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { passWebSocket } from './passWebSocket.ts';

/** What revision A has not, or has by another name. */
const unknownToA = [
  /^\/v1\/sandboxes$/,
  /^\/v1\/sandbox\/$/,
  /^\/v1\/snapshots$/,
  /^\/v1\/snapshot\/restore$/,
  /\/(stop|start)$/,
  /\/presigned-url(\/|$)/,
  /\/ssh\/(?!access$|validate$|regen$)/,
];

/** Fields that only revision B has; those of A stand beside them in what the engine takes and answers. */
const fieldsOfB = ['memory', 'timeout', 'disk', 'kill_sandbox_after'];

/**
 * Leap0's API in its revision A: a local engine, which speaks it, without what only revision B has. Source: leap0.md, the
 * table; leap0-dev/leap0-js 0.1.0.
 */
export class RevisionAServer {
  readonly #engineSocket: string;
  readonly #server = createServer((incoming, response) => void this.#answer(incoming, response));
  readonly #sockets = new Set<Duplex>();

  private constructor(engineSocket: string) {
    this.#engineSocket = engineSocket;
    // As long as the engine keeps one: what is closed while it is written to has to be asked again.
    this.#server.keepAliveTimeout = 30_000;
    this.#server.on('connection', (socket: Socket) => this.#keep(socket));
    this.#server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) =>
      passWebSocket(this.#engineSocket, incoming, socket, head),
    );
  }

  /** @param engineSocket the Unix socket of the engine */
  static async start(engineSocket: string): Promise<RevisionAServer> {
    const server = new RevisionAServer(engineSocket);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  async #answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const sent = await text(incoming);
    const { method, url: path = '' } = incoming;
    if (unknownToA.some((pattern) => pattern.test(path.replace(/\?.*/, '')))) {
      return void response.writeHead(404).end('{"message": "Not Found"}');
    }
    const body = sent && JSON.stringify(withoutB(JSON.parse(sent)));
    const { host: _host, 'content-length': _length, ...headers } = incoming.headers;
    const forwarded = request({ socketPath: this.#engineSocket, method, path, headers, agent: false });
    // A client that gives up is told to the engine, which ends what it was doing for it.
    response.on('close', () => forwarded.destroy());
    forwarded.on('error', () => response.destroy());
    forwarded.on('response', (answer) => void this.#hand(answer, response));
    forwarded.end(body);
  }

  async #hand(answer: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(answer);
    response.writeHead(answer.statusCode ?? 502, { 'content-type': 'application/json' });
    response.end(body && JSON.stringify(withoutB(JSON.parse(body))));
  }

  #keep(socket: Duplex): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }
}

type Fields = Record<string, unknown>;

function withoutB(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !fieldsOfB.includes(name)));
}
