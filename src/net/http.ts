import type * as v from 'valibot';
import type { Log } from '../common/log.ts';
import type { Disposable } from '../common/disposable.ts';
import { timeoutSignal } from '../common/time.ts';
import type { CallOptions } from '../sandboxes/provider.ts';
import { ProviderError } from '../sandboxes/errors.ts';
import { Connections } from './connections.ts';
import { decode } from './decode.ts';
import { nameOf, type Endpoint, type FindEndpoint } from './endpoint.ts';
import { failureOfTransport, Refusal } from './failure.ts';
import type { Network } from './network.ts';
import { isRepeatable, persist, type Method } from './retry.ts';
import { retryAfterMs } from './retryAfter.ts';
import type { Dispatcher } from './undici.ts';
import { Unreachable } from './unreachable.ts';

export interface Call extends CallOptions {
  /**
   * A GET or a DELETE is sent again after a passing failure, and a DELETE whose repetition finds nothing is done; a
   * POST is sent again only when nothing of it had been sent.
   */
  readonly method: Method;
  /** Starts with a slash; its variable parts are encoded already. */
  readonly path: string;
  readonly body?: unknown;
}

/** What a service says about its own failures. */
export type ReadFailure = (body: unknown) => {
  message?: string | undefined;
  fields?: { field: string; error: string }[];
};

export interface HttpOptions {
  readonly endpoint: FindEndpoint;
  readonly log: Log;
  /** How the service is reached; without it only the environment counts. */
  readonly network?: Network | undefined;
  /** Milliseconds for a whole call: connection, body and repetitions included. */
  readonly timeoutMs: () => number;
  readonly readFailure: ReadFailure;
  /** Bytes that an answer may have. */
  readonly maxBodyBytes: number;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly requestId: string | undefined;
  /** Milliseconds that the service asks us to wait. */
  readonly waitMs: number | undefined;
}

/** JSON over HTTP to one service. Everything that goes wrong is a ProviderError. */
export class Http implements Disposable {
  readonly #options: HttpOptions;
  readonly #connections: Connections;

  constructor(options: HttpOptions) {
    this.#options = options;
    this.#connections = new Connections(options.network, options.maxBodyBytes);
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
    this.#connections.dispose();
  }

  /** Sends, again where that is harmless. One time-out holds for all tries together. */
  #send(call: Call): Promise<Answer> {
    const timeoutMs = call.timeoutMs ?? this.#options.timeoutMs();
    let deadline: AbortSignal | undefined;
    let mayBeDone = false;
    const send = async (nth: number): Promise<Answer> => {
      try {
        return await this.#try(call, nth, () => (deadline ??= timeoutSignal(timeoutMs)));
      } catch (thrown) {
        const failure = ProviderError.from(thrown);
        if (call.method === 'DELETE' && mayBeDone && failure.kind === 'notFound') return nothing;
        mayBeDone ||= !(failure instanceof Unreachable) && failure.kind !== 'rateLimited';
        throw failure;
      }
    };
    return persist(send, { method: call.method, timeoutMs, signal: call.signal });
  }

  /** Sends once, and writes down what came of it. */
  async #try(call: Call, nth: number, deadline: () => AbortSignal): Promise<Answer> {
    const started = performance.now();
    let outcome: string | undefined;
    let requestId: string | undefined;
    try {
      const endpoint = await this.#options.endpoint(call.signal);
      const answer = await this.#exchange(endpoint, call, deadline());
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
      const words = [call.method, call.path, outcome, `${milliseconds} ms`, requestId];
      this.#options.log.info([...words, nth > 1 && `(try ${nth})`].filter(Boolean).join(' '));
    }
  }

  async #exchange(endpoint: Endpoint, call: Call, deadline: AbortSignal): Promise<Answer> {
    const signal = call.signal ? AbortSignal.any([call.signal, deadline]) : deadline;
    const body = call.body === undefined ? null : JSON.stringify(call.body);
    const headers = { ...plainJson, ...endpoint.headers, ...(body ? jsonHeader : {}) };
    const { method, path } = call;
    try {
      return await this.#connections.use(endpoint, isRepeatable(call.method), signal, async (client) =>
        readAnswer(await client.request({ method, path, headers, body, signal })),
      );
    } catch (thrown) {
      throw failureOfTransport(thrown, nameOf(endpoint), call.signal);
    }
  }

  #refusal(answer: Answer): ProviderError {
    const { message, fields } = this.#options.readFailure(answer.body);
    return new Refusal(answer.status, message ?? `The service answered ${answer.status}.`, {
      explained: message !== undefined,
      requestId: answer.requestId,
      retryAfterMs: answer.waitMs,
      fields,
      advice: whenToTryAgain(answer),
    });
  }
}

const nothing: Answer = { status: 204, body: undefined, requestId: undefined, waitMs: undefined };
/** Without the second one, whatever stands between may compress what the service answers (RFC 9110, section 12.5.3). */
const plainJson = { accept: 'application/json', 'accept-encoding': 'identity' };
const jsonHeader = { 'content-type': 'application/json' };

/** A message stays where it is read, and a number of seconds would pass: so it is a time of day. */
function whenToTryAgain({ status, waitMs }: Answer): string | undefined {
  if (waitMs === undefined) return status === 429 ? 'Try again later.' : undefined;
  const second = Math.ceil((Date.now() + waitMs) / 1000) * 1000;
  return `Try again after ${new Date(second).toLocaleTimeString()}.`;
}

async function readAnswer(response: Dispatcher.ResponseData): Promise<Answer> {
  const text = await response.body.text();
  const requestId = headerOf(response, 'x-request-id');
  return {
    status: response.statusCode,
    body: parse(text, response.statusCode, requestId),
    requestId,
    waitMs: retryAfterMs(headerOf(response, 'retry-after'), headerOf(response, 'date')),
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
