import { openWebSocket } from '../../net/webSocket.ts';
import { ProviderError } from '../../sandboxes/errors.ts';
import type { CallOptions, SessionRequest, Terminals } from '../../sandboxes/provider.ts';
import type { Session } from '../../sandboxes/sandbox.ts';
import type { ChannelEnd, PtyChannel } from '../../terminals/channel.ts';
import { WebSocketChannel } from '../../terminals/webSocketChannel.ts';
import type { Leap0Api, Leap0Options } from './api.ts';
import { sessionPath } from './paths.ts';
import { limits } from './wire/limits.ts';

/** The service is ending (RFC 6455, 7.4.1): there is nobody to ask. */
const goingAwayCode = 1001;
/** Closes the connections of a sandbox that is being paused (engine only; Leap0 documents no close codes). */
const pausedCode = 4001;

/** Milliseconds for each question after a connection was lost: somebody waits in front of a dead screen. */
const findEndMs = 10_000;

/** PTY sessions over REST, and their bytes over a WebSocket. Source: Leap0's OpenAPI document, `PTY`. */
export class Leap0Terminals implements Terminals {
  readonly #api: Leap0Api;
  readonly #options: Leap0Options;
  readonly maxIdLength = limits.sessionId.maxLength;
  readonly websocketUrl?: NonNullable<Terminals['websocketUrl']>;

  /** @param baseUrl Where the service is for everybody; missing where only we can reach it. */
  constructor(api: Leap0Api, options: Leap0Options, baseUrl?: string) {
    this.#api = api;
    this.#options = options;
    if (baseUrl) this.websocketUrl = (id, sessionId) => connectUrl(baseUrl, sessionPath(id, sessionId));
  }

  list(sandboxId: string, options: CallOptions = {}): Promise<readonly Session[]> {
    return this.#api.listSessions(sandboxId, options);
  }

  create(sandboxId: string, request: SessionRequest, options: CallOptions = {}): Promise<Session> {
    return this.#api.createSession(sandboxId, request, options);
  }

  delete(sandboxId: string, sessionId: string, options: CallOptions = {}): Promise<void> {
    return this.#api.deleteSession(sandboxId, sessionId, options);
  }

  async connect(sandboxId: string, sessionId: string, options: CallOptions = {}): Promise<PtyChannel> {
    const endpoint = await this.#options.endpoint(options.signal);
    const path = `${sessionPath(sandboxId, sessionId)}/connect`;
    const timeoutMs = options.timeoutMs ?? this.#options.timeouts().callMs;
    const { log, network } = this.#options;
    const socket = await openWebSocket(endpoint, path, { ...options, timeoutMs, network }).catch(
      (thrown: unknown) => {
        const failure = ProviderError.from(thrown);
        log.info(`WebSocket ${path} ${failure.kind}`);
        throw failure;
      },
    );
    log.info(`WebSocket ${path} opened`);
    return new WebSocketChannel(socket, {
      resize: (cols, rows) => this.#api.resizeSession(sandboxId, sessionId, cols, rows),
      findEnd: (code) => this.#findEnd(sandboxId, sessionId, code),
    });
  }

  /** Tells a shell that has ended from a connection that was lost, without waking a sandbox that sleeps. */
  async #findEnd(sandboxId: string, sessionId: string, code: number): Promise<ChannelEnd> {
    this.#options.log.info(`WebSocket ${sessionPath(sandboxId, sessionId)}/connect closed with ${code}`);
    if (code === goingAwayCode) return connectionLost;
    if (code === pausedCode) return disconnected('the sandbox was paused', true);
    try {
      const { state } = await this.#api.get(sandboxId, { timeoutMs: findEndMs });
      if (state !== 'running') return disconnected(`the sandbox is ${state}`, keepsSessions.has(state));
    } catch (thrown) {
      const gone = ProviderError.from(thrown).kind === 'notFound';
      return gone ? disconnected('the sandbox was deleted', false) : connectionLost;
    }
    return this.#findShell(sandboxId, sessionId);
  }

  async #findShell(sandboxId: string, sessionId: string): Promise<ChannelEnd> {
    try {
      const session = await this.#api.getSession(sandboxId, sessionId, { timeoutMs: findEndMs });
      if (!session.active) return { kind: 'exited', exitCode: session.exitCode };
    } catch (thrown) {
      if (ProviderError.from(thrown).kind === 'notFound') return { kind: 'exited', exitCode: undefined };
    }
    return connectionLost;
  }
}

const connectUrl = (baseUrl: string, path: string) => `${baseUrl.replace(/^http/, 'ws')}${path}/connect`;

/** The states, in Leap0's words, in which the processes of a sandbox are still there. */
const keepsSessions = new Set(['paused', 'unpausing', 'snapshotting']);

const disconnected = (reason: string, sessionLives: boolean): ChannelEnd => ({
  kind: 'disconnected',
  reason,
  sessionLives,
});

const connectionLost = disconnected('the connection was lost', true);
