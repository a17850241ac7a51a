import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';

/**
 * How a socket to a terminal ends. 4001 is the engine's own, 1013 (try again later) is in IANA's registry of close
 * codes, and the rest is RFC 6455, section 7.4.1.
 */
export const closeCodes = {
  shellEnded: 1000,
  goingAway: 1001,
  fellBehind: 1013,
  paused: 4001,
} as const;

const pingMs = 30_000;
const silenceMs = 60_000;
/** How long a reader may take nothing of what waits for it before that is told. */
const patienceMs = 5000;
/** Of one message; longer replays are sent in several. */
const frameBytes = 256 * 1024;

export interface ConnectionListener {
  onInput(bytes: Buffer): void;
  /** Bytes have left for the network. */
  onSent(): void;
  /** It has taken nothing for some seconds, and takes nothing yet. */
  onStuck(): void;
  onClosed(): void;
}

/** One reader and writer of a terminal, over a WebSocket whose messages are raw bytes. */
export class Connection {
  readonly #socket: WebSocket;
  readonly #stream: Duplex;
  readonly #heartbeat: NodeJS.Timeout;
  #listener: ConnectionListener | undefined;
  #lastHeard = Date.now();

  /** @param stream what the socket was made of */
  constructor(socket: WebSocket, stream: Duplex) {
    this.#socket = socket;
    this.#stream = stream;
    stream.on('timeout', () => {
      this.#watch();
      this.#listener?.onStuck();
    });
    this.#heartbeat = setInterval(() => this.#beat(), pingMs);
    socket.on('pong', () => (this.#lastHeard = Date.now()));
    socket.on('message', (data) => {
      this.#lastHeard = Date.now();
      this.#listener?.onInput(toBuffer(data));
    });
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      clearInterval(this.#heartbeat);
      this.#listener?.onClosed();
    });
  }

  listen(listener: ConnectionListener): void {
    this.#listener = listener;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** Bytes that wait for a slow reader. */
  get backlog(): number {
    return this.#socket.bufferedAmount;
  }

  send(bytes: Buffer): void {
    for (let at = 0; at < bytes.length && this.isOpen; at += frameBytes) {
      this.#socket.send(bytes.subarray(at, at + frameBytes), { binary: true }, () =>
        this.#listener?.onSent(),
      );
    }
    this.#watch();
  }

  /** Takes no input, so that the network holds the sender up. */
  pauseInput(): void {
    this.#socket.pause();
  }

  resumeInput(): void {
    if (!this.#socket.isPaused) return;
    this.#lastHeard = Date.now();
    this.#socket.resume();
  }

  close(code: number, reason: string): void {
    this.#socket.resume();
    this.#socket.close(code, reason);
  }

  /** Node starts its time-out anew whenever the kernel has taken a part of what is being written. */
  #watch(): void {
    if (this.#stream instanceof Socket) this.#stream.setTimeout(this.backlog > 0 ? patienceMs : 0);
  }

  #beat(): void {
    // While we do not listen it cannot be heard.
    if (!this.#socket.isPaused && Date.now() - this.#lastHeard > silenceMs) this.#socket.terminate();
    else if (this.isOpen) this.#socket.ping();
  }
}

function toBuffer(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
