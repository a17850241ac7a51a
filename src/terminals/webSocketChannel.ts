import type { RawData, WebSocket } from 'ws';
import { Emitter } from '../common/event.ts';
import type { ChannelEnd, PtyChannel } from './channel.ts';

/** Leap0 closes a WebSocket that is idle for 5 minutes (leap0.md, "PTY"); a dead peer is noticed after two pings. */
const pingMs = 30_000;
/** Services bound a message's size, so a paste is sent in pieces. */
const frameBytes = 64 * 1024;

export interface WebSocketChannelOptions {
  readonly resize: (cols: number, rows: number) => Promise<void>;
  /** Finds out what the closing of the socket means for the shell. */
  readonly findEnd: (closeCode: number) => Promise<ChannelEnd>;
}

/** A session over a WebSocket whose every message, both ways, is a binary frame of raw terminal bytes. */
export class WebSocketChannel implements PtyChannel {
  readonly #socket: WebSocket;
  readonly #options: WebSocketChannelOptions;
  readonly #data = new Emitter<Uint8Array>();
  readonly #lost = new Emitter<void>();
  readonly #end = new Emitter<ChannelEnd>();
  readonly #pings: NodeJS.Timeout;
  readonly onData = this.#data.event;
  readonly onLost = this.#lost.event;
  readonly onEnd = this.#end.event;
  #answered = true;
  #left = false;

  /** @param socket Open, and paused: the first bytes come after `resume()`. */
  constructor(socket: WebSocket, options: WebSocketChannelOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#pings = setInterval(() => this.#ping(), pingMs);
    socket.on('message', (data: RawData) => this.#data.fire(bytesOf(data)));
    socket.on('pong', () => (this.#answered = true));
    // An error is always followed by a close, which tells what is worth telling.
    socket.on('error', () => undefined);
    socket.on('close', (code) => void this.#closed(code));
  }

  write(bytes: Uint8Array): void {
    for (let start = 0; start < bytes.length; start += frameBytes) {
      this.#socket.send(bytes.subarray(start, start + frameBytes), { binary: true }, () => undefined);
    }
  }

  resize(cols: number, rows: number): Promise<void> {
    return this.#options.resize(cols, rows);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#left = true;
    this.#socket.resume();
    this.#socket.close(1000);
  }

  #ping(): void {
    // A paused socket reads no pong either: silence proves nothing while we do not listen.
    if (!this.#answered && !this.#socket.isPaused) return this.#socket.terminate();
    this.#answered = false;
    this.#socket.ping();
  }

  async #closed(code: number): Promise<void> {
    clearInterval(this.#pings);
    if (!this.#left) {
      this.#lost.fire();
      this.#end.fire(await this.#options.findEnd(code));
    }
    this.#data.dispose();
    this.#lost.dispose();
    this.#end.dispose();
  }
}

function bytesOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}
