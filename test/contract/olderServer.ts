import { once } from 'node:events';
import {
  createServer,
  request,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { passWebSocket } from './passWebSocket.ts';

type Fields = Record<string, unknown>;

/** What a revision of Leap0's API has, or has not, compared with what the engine speaks. */
export interface Wire {
  /** The routes that it does not have, such as `POST /v1/sandbox/`. */
  readonly unknown: readonly RegExp[];
  /** Fields that it neither knows nor answers. */
  readonly fields: readonly string[];
  /** Whether it refuses a field that it does not know. */
  readonly strict: boolean;
  /** The header in which it wants a key, without `Bearer `; `Authorization` where it is missing, and with it. */
  readonly keyHeader?: string;
  /** What it answers in place of the engine. */
  readonly answer?: (path: string, fields: Fields) => Fields;
}

const inA = ['memory_mib', 'timeout_min', 'disk_mib'];
const inB = ['memory', 'timeout', 'disk'];
/** What all revisions before B have not. */
const onlyInB = [/ \/v1\/snapshot\/restore$/, /\/(stop|start)$/, /\/ssh\/(?!access$|validate$|regen$)/];

/** Leap0's API as its SDKs of several dates spoke it. Source: leap0.md; leap0-dev/leap0-python, leap0-dev/leap0-js. */
export const wires = {
  /** The oldest: it lists nothing, tells the output of a command in one, and has other names for some IDs. */
  '0': {
    unknown: [...onlyInB, / \/v1\/sandboxes$/, / \/v1\/snapshots$/, / \/v1\/sandbox\/$/, /\/presigned-url/],
    fields: [...inB, 'kill_sandbox_after'],
    strict: false,
    answer: (path, { id, stdout, stderr, ...fields }) => {
      if (path.endsWith('/execute')) {
        const { exit_code, stdout_cut } = fields;
        return { exit_code, stdout_cut, result: `${String(stdout)}${String(stderr)}` };
      }
      if (/\/snapshot\/(create|pause)$/.test(path)) return { ...fields, snapshot_id: id };
      return path.endsWith('/pty') && id ? { ...fields, id: undefined, session_id: id } : { ...fields, id };
    },
  },
  M1: {
    unknown: [...onlyInB, / \/v1\/sandbox\/$/, /\/presigned-url/],
    fields: [...inB, 'kill_sandbox_after'],
    strict: false,
    keyHeader: 'leap0-authorization',
  },
  M2: {
    unknown: [...onlyInB, /^POST \/v1\/sandbox$/],
    fields: [...inA, 'kill_sandbox_after'],
    strict: true,
  },
} satisfies Readonly<Record<string, Wire>>;

/** A service that speaks one of them, in front of a local engine: real sandboxes behind other words. */
export class OlderServer {
  readonly #engineSocket: string;
  readonly #wire: Wire;
  readonly #server = createServer((incoming, response) => void this.#answer(incoming, response));
  readonly #sockets = new Set<Duplex>();

  private constructor(engineSocket: string, wire: Wire) {
    this.#engineSocket = engineSocket;
    this.#wire = wire;
    // As long as the engine keeps one: what is closed while it is written to has to be asked again.
    this.#server.keepAliveTimeout = 30_000;
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('upgrade', ({ method, url, headers }: IncomingMessage, socket: Duplex, head: Buffer) => {
      const rawHeaders = Object.entries(this.#withKey(headers)).flatMap(([name, value]) => [
        name,
        String(value),
      ]);
      passWebSocket(this.#engineSocket, { method, url, rawHeaders }, socket, head);
    });
  }

  /** @param engineSocket the Unix socket of the engine */
  static async start(engineSocket: string, wire: Wire): Promise<OlderServer> {
    const server = new OlderServer(engineSocket, wire);
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
    const { method, url = '', headers: all } = incoming;
    const [path = ''] = url.split('?');
    const refuse = (status: number, message: string) =>
      void response.writeHead(status).end(JSON.stringify({ message, errors: null }));
    if (this.#wire.unknown.some((route) => route.test(`${method} ${path}`))) return refuse(404, 'Not Found');
    const body: Fields | undefined = sent ? JSON.parse(sent) : undefined;
    const unknown = Object.keys(body ?? {}).find((name) => this.#wire.fields.includes(name));
    // A command's time is spelled alike in all.
    const isExecution = path.endsWith('/execute');
    if (unknown && this.#wire.strict && !isExecution) return refuse(400, `json: unknown field "${unknown}"`);
    const call = translate(url, isExecution ? body : body && this.#known(body));
    const { host: _host, 'content-length': _length, ...headers } = this.#withKey(all);
    const options = { socketPath: this.#engineSocket, method, path: call.path, headers, agent: false };
    const forwarded = request(options);
    // The engine ends what it was doing for a client that gives up.
    response.on('close', () => forwarded.destroy());
    forwarded.on('error', () => response.destroy());
    forwarded.on('response', (answer) => void this.#hand(path, answer, response));
    forwarded.end(call.body && JSON.stringify(call.body));
  }

  async #hand(path: string, answer: IncomingMessage, response: ServerResponse): Promise<void> {
    const { statusCode = 502 } = answer;
    const body = await text(answer);
    response.writeHead(statusCode, { 'content-type': 'application/json' });
    if (!body) return void response.end();
    const fields: Fields = JSON.parse(body);
    const { answer: change = (_, known) => known } = this.#wire;
    const told = statusCode < 300 ? change(path, this.#known(fields)) : { errors: null, ...fields };
    response.end(JSON.stringify(told));
  }

  /** The headers as the engine wants them. */
  #withKey({ authorization, ...headers }: IncomingHttpHeaders): IncomingHttpHeaders {
    const { keyHeader } = this.#wire;
    if (!keyHeader) return { ...headers, authorization };
    const { [keyHeader]: key, ...others } = headers;
    return { ...others, authorization: `Bearer ${String(key)}` };
  }

  #known(fields: Fields): Fields {
    return Object.fromEntries(Object.entries(fields).filter(([name]) => !this.#wire.fields.includes(name)));
  }
}

/** All of them have other words than B for a snapshot that ends its sandbox, and for one that becomes a sandbox again. */
function translate(url: string, body: Fields | undefined): { path: string; body: Fields | undefined } {
  if (url.endsWith('/snapshot/pause')) {
    return { path: url.replace(/pause$/, 'create'), body: { ...body, kill_sandbox_after: true } };
  }
  return { path: url === '/v1/snapshot/resume' ? '/v1/snapshot/restore' : url, body };
}
