import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { RunningEngine } from './startEngine.ts';

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  bytes: Buffer;
  // What a test looks at is for it to know.
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any;
}

export interface CallOptions {
  headers?: Record<string, string | undefined>;
  /** Sent as it is, instead of JSON. */
  raw?: string | Buffer;
  /** Over TCP instead of the Unix socket. */
  tcp?: boolean;
  /** At another listener than the engine's own. */
  url?: string;
  signal?: AbortSignal;
}

/** Speaks to an engine as bluntly as its tests need. */
export class Client {
  readonly engine: RunningEngine;

  constructor(engine: RunningEngine) {
    this.engine = engine;
  }

  call(method: string, path: string, body?: unknown, options: CallOptions = {}): Promise<Answer> {
    const payload = options.raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const headers = {
      authorization: `Bearer ${this.engine.token}`,
      ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
      ...options.headers,
    };
    const sent = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
    return new Promise((resolve, reject) => {
      const { signal } = options;
      const call = request(
        {
          ...this.#address(options),
          method,
          path,
          headers: sent,
          agent: false,
          ...(signal && { signal }),
        },
        (response) => {
          const { statusCode: status = 0, headers: received } = response;
          const isJson = received['content-type']?.startsWith('application/json');
          buffer(response).then(
            (bytes) =>
              resolve({
                status,
                headers: received,
                bytes,
                body: isJson ? JSON.parse(bytes.toString()) : undefined,
              }),
            reject,
          );
        },
      );
      call.on('error', reject);
      call.end(payload);
    });
  }

  /** A new sandbox; its path. */
  async create(body: object = {}): Promise<string> {
    const { status, body: sandbox } = await this.call('POST', '/v1/sandbox', { timeout: 3600, ...body });
    if (status !== 201) throw new Error(`create: ${status} ${JSON.stringify(sandbox)}`);
    return `/v1/sandbox/${sandbox.id}`;
  }

  async state(sandbox: string): Promise<string> {
    const { status, body } = await this.call('GET', sandbox);
    return status === 404 ? 'gone' : body.state;
  }

  /** Runs a command; what it printed, or what it complained about. */
  async run(sandbox: string, command: string, more: object = {}): Promise<string> {
    const { status, body } = await this.call('POST', `${sandbox}/process/execute`, { command, ...more });
    if (status !== 200) throw new Error(`execute: ${status} ${JSON.stringify(body)}`);
    return `${body.stdout}${body.stderr}`;
  }

  /** A new terminal, connected. */
  async terminal(sandbox: string, body: object = {}): Promise<Screen> {
    const { status, body: session } = await this.call('POST', `${sandbox}/pty`, body);
    if (status !== 201) throw new Error(`terminal: ${status} ${JSON.stringify(session)}`);
    return this.connect(`${sandbox}/pty/${session.id}`);
  }

  connect(session: string, headers: Record<string, string> = {}, tcp = false): Promise<Screen> {
    const base = tcp ? `${this.engine.url?.replace('http', 'ws')}` : `ws+unix:${this.engine.socketPath}:`;
    const socket = new WebSocket(`${base}${session}/connect`, {
      perMessageDeflate: false,
      headers: { authorization: `Bearer ${this.engine.token}`, ...headers },
    });
    const screen = new Screen(session, socket);
    return new Promise((resolve, reject) => {
      socket.on('open', () => resolve(screen));
      socket.on('unexpected-response', (_, response) => {
        reject(new Error(`connect: ${response.statusCode}`));
        socket.terminate();
      });
      socket.on('error', reject);
    });
  }

  #address({ tcp = false, url = tcp ? this.engine.url : undefined }: CallOptions) {
    if (url === undefined) return { socketPath: this.engine.socketPath };
    const { hostname, port } = new URL(url);
    return { host: hostname, port };
  }
}

/** The far end of a terminal, as text. */
export class Screen {
  /** The path of its session. */
  readonly session: string;
  readonly socket: WebSocket;
  readonly closed: Promise<number>;
  #text = '';

  constructor(session: string, socket: WebSocket) {
    this.session = session;
    this.socket = socket;
    socket.on('message', (data, isBinary) => {
      if (!isBinary) throw new Error('a text message');
      this.#text += (data as Buffer).toString('latin1');
    });
    this.closed = new Promise((resolve) => socket.on('close', resolve));
  }

  get text(): string {
    return this.#text;
  }

  clear(): void {
    this.#text = '';
  }

  type(text: string): void {
    this.socket.send(Buffer.from(text));
  }

  async shows(what: string | RegExp, timeoutMs = 10_000): Promise<void> {
    await eventually(() => {
      const found = typeof what === 'string' ? this.#text.includes(what) : what.test(this.#text);
      if (!found) throw new Error(`not shown: ${what}; shown: ${this.#text.slice(-600)}`);
    }, timeoutMs);
  }

  /** Types a line and waits for the answer; the line's own echo does not count. */
  async ask(line: string, answer: RegExp): Promise<string> {
    this.clear();
    this.type(`${line}\r`);
    await this.shows(answer);
    return answer.exec(this.#text)?.[1] ?? '';
  }

  async prompt(): Promise<this> {
    await this.shows(/user@sbx-\w+:\S+\$ $/);
    return this;
  }
}

/** Tries again until it does not throw. */
export async function eventually(check: () => void | Promise<void>, timeoutMs = 20_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await delay(20);
    }
  }
}
