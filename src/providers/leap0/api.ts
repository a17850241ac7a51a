import * as v from 'valibot';
import type { Disposable } from '../../common/disposable.ts';
import type { Log } from '../../common/log.ts';
import { hideVariables } from '../../common/redactor.ts';
import type { FindEndpoint } from '../../net/endpoint.ts';
import { Refusal } from '../../net/failure.ts';
import { Http } from '../../net/http.ts';
import type { Network } from '../../net/network.ts';
import { ProviderError } from '../../sandboxes/errors.ts';
import type { PresignedUrlRequest } from '../../sandboxes/ports.ts';
import type {
  CallOptions,
  CreateRequest,
  ExecOptions,
  ListOptions,
  SessionRequest,
} from '../../sandboxes/provider.ts';
import type { RestoreRequest, SnapshotRequest } from '../../sandboxes/snapshots.ts';
import type { Dialect, Post, Revision, SshSet, Verb } from './dialect.ts';
import { explainLimit } from './limitReached.ts';
import { readPages } from './pages.ts';
import { sandboxPath, sessionPath, snapshotPath } from './paths.ts';
import { settle } from './revision.ts';
import { inTurn } from './unknownRoute.ts';
import { limits } from './wire/limits.ts';
import * as answers from './wire/responses.ts';
import { unknownSpelling } from './wire/spelling.ts';

const pageSize = 100;

export interface Leap0Options {
  readonly dialect: Dialect;
  /** Told the revision when an answer shows that it is not quite that of the dialect. */
  readonly settled?: (revision: Revision) => void;
  readonly endpoint: FindEndpoint;
  readonly log: Log;
  /** How the service is reached; without it only the environment counts. */
  readonly network?: Network | undefined;
  /** Milliseconds for a call, and for one after which a sandbox has to boot, or to be written down. */
  readonly timeouts: () => { readonly callMs: number; readonly createMs: number };
  /** What a sandbox may be told of (`otelExport`); without it this process's own. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Told of secrets that are sent or answered, which must never be written down. */
  readonly hide: (secret: string) => void;
}

/** Leap0's calls, one method each. Sources: Leap0's OpenAPI document; github.com/leap0-dev/leap0-js 0.1.0. */
export class Leap0Api implements Disposable {
  readonly #http: Http;
  readonly #options: Leap0Options;
  #dialect: Dialect;

  constructor(options: Leap0Options) {
    this.#options = options;
    this.#dialect = options.dialect;
    this.#http = leap0Http(options);
  }

  /** @throws ProviderError `unauthorized` or `forbidden` when the key is wrong, else why that cannot be told */
  async proveKey(options: CallOptions): Promise<void> {
    const { path, status } = this.#dialect.keyProof;
    try {
      await this.#http.done({ method: 'GET', path, ...options });
    } catch (thrown) {
      // Any web server answers 404; Leap0 says it in its own words.
      const isProof = thrown instanceof Refusal && thrown.status === status && thrown.explained;
      if (!isProof) throw thrown;
    }
  }

  /** Reads every page, the oldest sandboxes first: then new ones come at the end, and move no other. */
  list({ known = [], ...options }: ListOptions): Promise<answers.SandboxAnswer[]> {
    const page = (number: number) => {
      const path = `/v1/sandboxes?page=${number}&page-size=${pageSize}&order-by=asc`;
      return this.#http.json(answers.sandboxList, { method: 'GET', path, ...options });
    };
    return readPages({ page, pageSize, get: (id) => this.get(id, options) }, known);
  }

  async get(id: string, options: CallOptions): Promise<answers.SandboxAnswer> {
    const path = `${sandboxPath(id)}/`;
    return this.#learn(await this.#http.json(answers.sandbox, { method: 'GET', path, ...options }));
  }

  create(request: CreateRequest, options: CallOptions): Promise<answers.SandboxAnswer> {
    hideVariables(request.env, this.#options.hide);
    return this.#make((dialect) => dialect.create(request), options).catch((thrown: unknown) => {
      throw explainLimit('create', thrown);
    });
  }

  delete(id: string, options: CallOptions): Promise<void> {
    return this.#http.done({ method: 'DELETE', path: `${sandboxPath(id)}/`, ...options });
  }

  change(id: string, verb: Verb, options: CallOptions): Promise<answers.SandboxAnswer> {
    const post = { path: `${sandboxPath(id)}/${verb}` };
    return this.#boot(answers.sandbox, post, options).catch((thrown: unknown) => {
      throw verb === 'start' ? explainLimit('start', thrown) : thrown;
    });
  }

  execute(
    id: string,
    command: string,
    { signal, timeoutMs = this.#options.timeouts().callMs, cwd, env }: Omit<ExecOptions, 'tty'>,
  ): Promise<v.InferOutput<typeof answers.execution>> {
    hideVariables(env, this.#options.hide);
    // Longer than ours, so that it is always ours that ends the call; the service's is for a call that it lost.
    const timeout = Math.min(Math.floor(timeoutMs / 1000) + 1, limits.timeoutSeconds.max);
    const body = { command, cwd, envs: env, timeout };
    const path = `${sandboxPath(id)}/process/execute`;
    return this.#http.json(answers.execution, { method: 'POST', path, body, signal, timeoutMs });
  }

  listSessions(id: string, options: CallOptions): Promise<answers.PtySessionAnswer[]> {
    const path = `${sandboxPath(id)}/pty`;
    return this.#http.json(answers.ptySessionList, { method: 'GET', path, ...options });
  }

  createSession(
    id: string,
    request: SessionRequest,
    options: CallOptions,
  ): Promise<answers.PtySessionAnswer> {
    const { id: wanted, cols, rows, cwd, env } = request;
    hideVariables(env, this.#options.hide);
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

  createSnapshot(
    sandboxId: string,
    request: SnapshotRequest,
    options: CallOptions,
  ): Promise<answers.SnapshotAnswer> {
    return this.#boot(answers.snapshot, this.#dialect.createSnapshot(sandboxId, request), options);
  }

  restoreSnapshot(request: RestoreRequest, options: CallOptions): Promise<answers.SandboxAnswer> {
    return this.#make((dialect) => dialect.restoreSnapshot(request), options).catch((thrown: unknown) => {
      throw explainLimit('restore', thrown);
    });
  }

  /** Reads every page. @param pathOf The path of a page, from 1. */
  listSnapshots(
    pathOf: (page: number, pageSize: number) => string,
    options: CallOptions,
  ): Promise<answers.SnapshotAnswer[]> {
    const page = (number: number) => {
      const path = pathOf(number, pageSize);
      return this.#http.json(answers.snapshotList, { method: 'GET', path, ...options });
    };
    return readPages({ page, pageSize, get: noSuchCall }, []);
  }

  deleteSnapshot(id: string, options: CallOptions): Promise<void> {
    return this.#http.done({ method: 'DELETE', path: snapshotPath(id), ...options });
  }

  createPresignedUrl(
    path: string,
    { port, expiresInSeconds }: PresignedUrlRequest,
    options: CallOptions,
  ): Promise<answers.PresignedUrlAnswer> {
    const body = { port, expires_in: expiresInSeconds };
    return this.#http.json(answers.presignedUrl, { method: 'POST', path, body, ...options });
  }

  deletePresignedUrl(path: string, id: string, options: CallOptions): Promise<void> {
    return this.#http.done({ method: 'DELETE', path: `${path}/${encodeURIComponent(id)}`, ...options });
  }

  createSshAccess(id: string, options: CallOptions): Promise<answers.SshAccessAnswer> {
    const path = `${sandboxPath(id)}/ssh/access`;
    return this.#http.json(answers.sshAccess, { method: 'POST', path, ...options });
  }

  validateSshAccess(
    id: string,
    access: { accessId: string; password: string },
    options: CallOptions,
  ): Promise<v.InferOutput<typeof answers.sshValidation>> {
    return inTurn(this.#dialect.ssh.validate(id, access), ({ path, body }) =>
      this.#http.json(answers.sshValidation, { method: 'POST', path, body, ...options }),
    );
  }

  regenerateSshAccess({ regenerate }: SshSet, options: CallOptions): Promise<answers.SshAccessAnswer> {
    return inTurn(regenerate, ({ path }) =>
      this.#http.json(answers.sshAccess, { method: 'POST', path, ...options }),
    );
  }

  deleteSshAccess({ revoke }: SshSet, options: CallOptions): Promise<void> {
    return inTurn(revoke, ({ path }) => this.#http.done({ method: 'DELETE', path, ...options }));
  }

  dispose(): void {
    this.#http.dispose();
  }

  /**
   * Has a sandbox made. A service that refuses a field that it does not know has made nothing: it is asked again
   * without the fields of that spelling.
   */
  async #make(postIn: (dialect: Dialect) => Post, options: CallOptions): Promise<answers.SandboxAnswer> {
    const make = async (dialect: Dialect) =>
      this.#learn(await this.#boot(answers.sandbox, postIn(dialect), options));
    const dialect = this.#dialect;
    if (dialect.spelling) return make(dialect);
    return make(dialect).catch((thrown: unknown) => {
      const unknown = thrown instanceof Refusal && thrown.kind === 'invalid' && unknownSpellingIn(thrown);
      if (!unknown) throw thrown;
      return make(settle(dialect, unknown === 'A' ? 'B' : 'A'));
    });
  }

  /** Speaks as the service does from its first answer on that shows how. */
  #learn(answer: answers.SandboxAnswer): answers.SandboxAnswer {
    const settled = answer.spelling ? settle(this.#dialect, answer.spelling) : this.#dialect;
    if (settled !== this.#dialect) {
      this.#dialect = settled;
      this.#options.settled?.(settled.revision);
    }
    return answer;
  }

  /** Makes a call that takes as long as a sandbox needs to boot, or to be written down. */
  #boot<Schema extends v.GenericSchema>(
    schema: Schema,
    post: Post,
    options: CallOptions,
  ): Promise<v.InferOutput<Schema>> {
    const timeoutMs = options.timeoutMs ?? this.#options.timeouts().createMs;
    return inTurn(post, ({ path, body }) =>
      this.#http.json(schema, { method: 'POST', path, body, ...options, timeoutMs }),
    );
  }
}

const unknownSpellingIn = ({ message, fields }: ProviderError) =>
  unknownSpelling([message, ...fields.map(({ field, error }) => `${field}: ${error}`)]);

/** One snapshot cannot be asked for alone. */
const noSuchCall = () => Promise.reject(new ProviderError('notFound', 'There is no such call.'));

/** JSON over HTTP to Leap0, or to anything that speaks its protocol. */
export function leap0Http(options: Pick<Leap0Options, 'endpoint' | 'log' | 'network' | 'timeouts'>): Http {
  return new Http({
    endpoint: options.endpoint,
    log: options.log,
    network: options.network,
    timeoutMs: () => options.timeouts().callMs,
    readFailure,
    maxBodyBytes: limits.bodyBytes,
  });
}

function readFailure(body: unknown) {
  const { success, output } = v.safeParse(answers.errorBody, body);
  return success ? output : {};
}
