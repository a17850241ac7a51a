import { Agent, type Dispatcher } from './undici.ts';
import type * as v from 'valibot';
import type { Log } from '../common/log.ts';
import type { Disposable } from '../common/disposable.ts';
import type { CallOptions } from '../sandboxes/provider.ts';
import { ProviderError } from '../sandboxes/errors.ts';
import { decode } from './decode.ts';
import type { Endpoint, FindEndpoint } from './endpoint.ts';
import { failureOfStatus, failureOfTransport } from './failure.ts';

export interface Call extends CallOptions {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Starts with a slash; its variable parts are encoded already. */
  readonly path: string;
  readonly body?: unknown;
}

/** What a service says about its own failures. */
export type ReadFailure = (body: unknown) => {
  message?: string;
  fields?: { field: string; error: string }[];
};

export interface HttpOptions {
  readonly endpoint: FindEndpoint;
  readonly log: Log;
  /** Milliseconds for a whole call, connection and body included. */
  readonly timeoutMs: () => number;
  readonly readFailure: ReadFailure;
  /** Bytes that an answer may have. */
  readonly maxBodyBytes: number;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;
}

/** JSON over HTTP to one service. Everything that goes wrong is a ProviderError. */
export class Http implements Disposable {
  readonly #options: HttpOptions;
  readonly #agents = new Map<string, Agent>();

  constructor(options: HttpOptions) {
    this.#options = options;
  }

  /** Makes a call and decodes its answer. */
  async json<Schema extends v.GenericSchema>(schema: Schema, call: Call): Promise<v.InferOutput<Schema>> {
    const answer = await this.#send(call);
    return decode(schema, answer.body, `${call.method} ${call.path}`, answer.requestId);
  }

  /** Makes a call whose answer has nothing to tell. */
  async done(call: Call): Promise<void> {
    await this.#send(call);
  }

  dispose(): void {
    for (const agent of this.#agents.values()) void agent.destroy();
  }

  async #send(call: Call): Promise<Answer> {
    const started = performance.now();
    let outcome: string | undefined;
    let requestId: string | undefined;
    try {
      const endpoint = await this.#options.endpoint(call.signal);
      const answer = await this.#exchange(endpoint, call);
      outcome = String(answer.status);
      requestId = answer.requestId;
      if (answer.status < 200 || answer.status >= 300) throw this.#refusal(answer);
      return answer;
    } catch (thrown) {
      const failure = ProviderError.from(thrown);
      outcome ??= failure.kind;
      throw failure;
    } finally {
      const milliseconds = Math.round(performance.now() - started);
      this.#options.log.info(
        [call.method, call.path, outcome, `${milliseconds} ms`, requestId].filter(Boolean).join(' '),
      );
    }
  }

  async #exchange(endpoint: Endpoint, call: Call): Promise<Answer> {
    const timeout = AbortSignal.timeout(call.timeoutMs ?? this.#options.timeoutMs());
    const body = call.body === undefined ? null : JSON.stringify(call.body);
    try {
      const response = await this.#agent(endpoint).request({
        origin: endpoint.origin,
        path: call.path,
        method: call.method,
        headers: { accept: 'application/json', ...endpoint.headers, ...(body ? jsonHeader : {}) },
        body,
        signal: call.signal ? AbortSignal.any([call.signal, timeout]) : timeout,
      });
      return await readAnswer(response);
    } catch (thrown) {
      const where = endpoint.socketPath ? 'The local engine' : new URL(endpoint.origin).host;
      throw failureOfTransport(thrown, where, call.signal);
    }
  }

  #refusal(answer: Answer): ProviderError {
    const { message, fields } = this.#options.readFailure(answer.body);
    return failureOfStatus(answer.status, message ?? `The service answered ${answer.status}.`, {
      requestId: answer.requestId,
      retryAfterMs: answer.retryAfterMs,
      fields,
    });
  }

  #agent(endpoint: Endpoint): Agent {
    const key = endpoint.socketPath ?? '';
    let agent = this.#agents.get(key);
    if (!agent) {
      const connect = endpoint.socketPath ? { socketPath: endpoint.socketPath } : {};
      agent = new Agent({
        connect,
        maxResponseSize: this.#options.maxBodyBytes,
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      this.#agents.set(key, agent);
    }
    return agent;
  }
}

const jsonHeader = { 'content-type': 'application/json' };

async function readAnswer(response: Dispatcher.ResponseData): Promise<Answer> {
  const text = await response.body.text();
  const requestId = headerOf(response, 'x-request-id');
  const retryAfter = Number(headerOf(response, 'retry-after'));
  return {
    status: response.statusCode,
    body: parse(text, response.statusCode, requestId),
    requestId,
    retryAfterMs: retryAfter > 0 ? retryAfter * 1000 : undefined,
  };
}

function parse(text: string, status: number, requestId: string | undefined): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    // A proxy's own error page is no JSON, and its status says more than its text.
    if (status >= 400) return undefined;
    throw new ProviderError('protocol', 'The service answered with something that is not JSON.', {
      requestId,
      cause,
    });
  }
}

function headerOf(response: Dispatcher.ResponseData, name: string): string | undefined {
  const value = response.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
