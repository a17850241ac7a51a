import * as v from 'valibot';
import type { Disposable } from '../../common/disposable.ts';
import type { Log } from '../../common/log.ts';
import type { FindEndpoint } from '../../net/endpoint.ts';
import { Http } from '../../net/http.ts';
import type { Network } from '../../net/network.ts';
import type {
  CallOptions,
  CreateRequest,
  ExecOptions,
  ListOptions,
  SessionRequest,
} from '../../sandboxes/provider.ts';
import { explainLimit } from './limitReached.ts';
import { readPages } from './pages.ts';
import { limits } from './wire/limits.ts';
import * as answers from './wire/responses.ts';

const pageSize = 100;

export interface Leap0Options {
  readonly endpoint: FindEndpoint;
  readonly log: Log;
  /** How the service is reached; without it only the environment counts. */
  readonly network?: Network | undefined;
  readonly timeouts: () => { readonly callMs: number; readonly createMs: number };
}

/** Leap0's calls, one method each, in the spelling of revision B. Source: leap0.md, leap0-openapi.yaml. */
export class Leap0Api implements Disposable {
  readonly #http: Http;
  readonly #options: Leap0Options;

  constructor(options: Leap0Options) {
    this.#options = options;
    this.#http = new Http({
      endpoint: options.endpoint,
      log: options.log,
      network: options.network,
      timeoutMs: () => options.timeouts().callMs,
      readFailure,
      maxBodyBytes: limits.bodyBytes,
    });
  }

  /** Reads every page, the oldest sandboxes first: then new ones come at the end, and move no other. */
  list({ known = [], ...options }: ListOptions): Promise<answers.SandboxAnswer[]> {
    const page = async (number: number) => {
      const path = `/v1/sandboxes?page=${number}&page-size=${pageSize}&order-by=asc`;
      const call = { method: 'GET', path, ...options } as const;
      const { items, total_items } = await this.#http.json(answers.sandboxList, call);
      return { items, total: total_items };
    };
    return readPages({ page, pageSize, get: (id) => this.get(id, options) }, known);
  }

  get(id: string, options: CallOptions): Promise<answers.SandboxAnswer> {
    return this.#http.json(answers.sandbox, { method: 'GET', path: `${sandboxPath(id)}/`, ...options });
  }

  create(request: CreateRequest, options: CallOptions): Promise<answers.SandboxAnswer> {
    const body = {
      template_name: request.template,
      vcpu: request.vcpu,
      memory: request.memoryMib,
      timeout: request.timeoutMinutes * 60,
      auto_pause: request.autoPause,
    };
    const timeoutMs = options.timeoutMs ?? this.#options.timeouts().createMs;
    const call = { method: 'POST', path: '/v1/sandbox/', body, ...options, timeoutMs } as const;
    return this.#http.json(answers.sandbox, call).catch((thrown: unknown) => {
      throw explainLimit('create', thrown);
    });
  }

  delete(id: string, options: CallOptions): Promise<void> {
    return this.#http.done({ method: 'DELETE', path: `${sandboxPath(id)}/`, ...options });
  }

  change(id: string, verb: 'pause' | 'stop' | 'start', options: CallOptions): Promise<answers.SandboxAnswer> {
    const call = { method: 'POST', path: `${sandboxPath(id)}/${verb}`, ...options } as const;
    return this.#http.json(answers.sandbox, call).catch((thrown: unknown) => {
      throw verb === 'start' ? explainLimit('start', thrown) : thrown;
    });
  }

  execute(
    id: string,
    command: string,
    { signal, timeoutMs = this.#options.timeouts().callMs, cwd, env }: Omit<ExecOptions, 'tty'>,
  ): Promise<v.InferOutput<typeof answers.execution>> {
    // Longer than ours, so that it is always ours that ends the call; the service's is for a call that it lost.
    const body = { command, cwd, envs: env, timeout: Math.floor(timeoutMs / 1000) + 1 };
    const path = `${sandboxPath(id)}/process/execute`;
    return this.#http.json(answers.execution, { method: 'POST', path, body, signal, timeoutMs });
  }

  async listSessions(id: string, options: CallOptions): Promise<answers.PtySessionAnswer[]> {
    const path = `${sandboxPath(id)}/pty`;
    return (await this.#http.json(answers.ptySessionList, { method: 'GET', path, ...options })).items;
  }

  createSession(
    id: string,
    request: SessionRequest,
    options: CallOptions,
  ): Promise<answers.PtySessionAnswer> {
    const { id: wanted, cols, rows, cwd, env } = request;
    const body = { id: wanted, cols, rows, cwd, envs: env, lazy_start: true };
    return this.#http.json(answers.ptySession, {
      method: 'POST',
      path: `${sandboxPath(id)}/pty`,
      body,
      ...options,
    });
  }

  getSession(id: string, sessionId: string, options: CallOptions): Promise<answers.PtySessionAnswer> {
    return this.#http.json(answers.ptySession, {
      method: 'GET',
      path: sessionPath(id, sessionId),
      ...options,
    });
  }

  deleteSession(id: string, sessionId: string, options: CallOptions): Promise<void> {
    return this.#http.done({ method: 'DELETE', path: sessionPath(id, sessionId), ...options });
  }

  async resizeSession(id: string, sessionId: string, cols: number, rows: number): Promise<void> {
    await this.#http.done({
      method: 'POST',
      path: `${sessionPath(id, sessionId)}/resize`,
      body: { cols, rows },
    });
  }

  dispose(): void {
    this.#http.dispose();
  }
}

const sandboxPath = (id: string) => `/v1/sandbox/${encodeURIComponent(id)}`;

/** The path of a session; `/connect` below it is its WebSocket. */
export const sessionPath = (id: string, sessionId: string): string =>
  `${sandboxPath(id)}/pty/${encodeURIComponent(sessionId)}`;

function readFailure(body: unknown) {
  const { success, output } = v.safeParse(answers.errorBody, body);
  return success ? { message: output.message, fields: output.errors ?? [] } : {};
}
