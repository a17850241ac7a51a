import { openWebSocket } from '../../net/webSocket.ts';
import { ProviderError } from '../../sandboxes/errors.ts';
import type { CallOptions, SessionRequest, Terminals } from '../../sandboxes/provider.ts';
import type { Session } from '../../sandboxes/sandbox.ts';
import type { ChannelEnd, PtyChannel } from '../../terminals/channel.ts';
import { WebSocketChannel } from '../../terminals/webSocketChannel.ts';
import { sessionPath, type Leap0Api, type Leap0Options } from './api.ts';

/** Closes the connections of a sandbox that is being paused (engine only; Leap0 documents no close codes). */
const pausedCode = 4001;

/** PTY sessions over REST, and their bytes over a WebSocket. Source: leap0.md, "PTY". */
export class Leap0Terminals implements Terminals {
  readonly #api: Leap0Api;
  readonly #options: Leap0Options;

  constructor(api: Leap0Api, options: Leap0Options) {
    this.#api = api;
    this.#options = options;
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
    const socket = await openWebSocket(endpoint, path, { ...options, timeoutMs });
    this.#options.log.info(`WebSocket ${path} opened`);
    return new WebSocketChannel(socket, {
      resize: (cols, rows) => this.#api.resizeSession(sandboxId, sessionId, cols, rows),
      findEnd: (code) => this.#findEnd(sandboxId, sessionId, code),
    });
  }

  /** Tells a shell that has ended from a connection that was lost, without waking a sandbox that sleeps. */
  async #findEnd(sandboxId: string, sessionId: string, code: number): Promise<ChannelEnd> {
    this.#options.log.info(`WebSocket ${sessionPath(sandboxId, sessionId)}/connect closed with ${code}`);
    if (code === pausedCode) return disconnected('the sandbox was paused');
    try {
      const { state } = await this.#api.get(sandboxId, {});
      if (state !== 'running') return disconnected(`the sandbox is ${state}`);
    } catch (thrown) {
      const gone = ProviderError.from(thrown).kind === 'notFound';
      return disconnected(gone ? 'the sandbox was deleted' : 'the connection was lost');
    }
    return this.#findShell(sandboxId, sessionId);
  }

  async #findShell(sandboxId: string, sessionId: string): Promise<ChannelEnd> {
    try {
      const session = await this.#api.getSession(sandboxId, sessionId, {});
      if (!session.active) return { kind: 'exited', exitCode: session.exitCode };
    } catch (thrown) {
      if (ProviderError.from(thrown).kind === 'notFound') return { kind: 'exited', exitCode: undefined };
    }
    return disconnected('the connection was lost');
  }
}

const disconnected = (reason: string): ChannelEnd => ({ kind: 'disconnected', reason });
