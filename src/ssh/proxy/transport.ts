// oxlint-disable no-underscore-dangle -- the parts of ssh2 that ssh2.d.ts tells of
import { createSecretKey } from 'node:crypto';
import type { Socket } from 'node:net';
import { DEFAULT_CIPHER, DEFAULT_KEX, DEFAULT_MAC } from 'ssh2/lib/protocol/constants.js';
import Protocol, { type MessageHandlers, type ProtocolConfig } from 'ssh2/lib/protocol/Protocol.js';
import { sendPacket } from 'ssh2/lib/protocol/utils.js';
import { connectionProtocol } from './messages.ts';

export interface TransportConfig extends Pick<ProtocolConfig, 'server' | 'hostKeys' | 'hostVerifier'> {
  readonly ciphers?: readonly string[];
  readonly serverHostKeys: readonly string[];
  readonly messageHandlers: Omit<MessageHandlers, 'DISCONNECT'>;
  readonly onHandshake?: () => void;
}

/** Why a connection is over. */
export interface TransportEnd {
  /** What went wrong; missing when the other side just left. */
  readonly error?: Error;
  /** What the other side said when it left; text from outside. */
  readonly farewell?: string;
}

/** By application (RFC 4253, section 11.1). */
const byApplication = 11;

/**
 * SSH over a pair of streams, as far as its transport and the user authentication, which ssh2 does. The messages of the
 * connection protocol are handed out, and taken, as they are: their channels, windows and order are those of the two
 * ends of a relay, and none of its business.
 */
export class Transport {
  /** Resolves, and never rejects, when the connection is over. */
  readonly ended: Promise<TransportEnd>;
  readonly #protocol: Protocol;
  readonly #input: Socket;
  readonly #output: Socket;
  readonly #end: (end: TransportEnd) => void;
  /** Came before anybody listened. */
  #held: Uint8Array[] = [];
  #onMessage: ((payload: Uint8Array) => void) | undefined;
  #onDrain: () => void = () => undefined;
  #isCorked = false;
  /** `performance.now()` of the last bytes that came. */
  lastHeard = performance.now();

  constructor(input: Socket, output: Socket, config: TransportConfig) {
    this.#input = input;
    this.#output = output;
    const { promise, resolve } = Promise.withResolvers<TransportEnd>();
    this.ended = promise;
    this.#end = (end) => {
      input.destroy();
      output.destroy();
      resolve(end);
    };
    this.#protocol = new Protocol(this.#protocolConfig(config));
    this.#interceptMessages();
    for (const stream of new Set([input, output])) {
      stream.on('error', (error: Error) => this.#end({ error }));
      stream.on('close', () => this.#end({}));
    }
    input.on('end', () => this.#end({}));
    output.on('drain', () => this.#onDrain());
    input.on('data', (chunk: Buffer) => this.#parse(chunk));
    this.#protocol.start();
  }

  /** ssh2's own steps: the authentication of a user. */
  get steps(): Pick<Protocol, 'service' | 'serviceAccept' | 'authPassword' | 'authSuccess' | 'authFailure'> {
    return this.#protocol;
  }

  /** Hands out what came so far and what comes from now on; `onDrain` is called when it is no longer congested. */
  listen(onMessage: (payload: Uint8Array) => void, onDrain: () => void): void {
    this.#onMessage = onMessage;
    this.#onDrain = onDrain;
    for (const payload of this.#held.splice(0)) onMessage(payload);
    this.#input.resume();
  }

  /** Takes a message of the connection protocol, at any time: while keys are exchanged it waits. */
  send(payload: Uint8Array): void {
    const { write } = this.#protocol._packetRW;
    const packet = write.alloc(payload.length);
    packet.set(payload, write.allocStart);
    sendPacket(this.#protocol, write.finalize(packet));
  }

  /** Whether more should wait: what is sent now only piles up in this process. */
  get isCongested(): boolean {
    return this.#output.writableNeedDrain || this.#protocol._kexinit !== undefined;
  }

  /** Bytes that wait to leave this process. */
  get backlog(): number {
    return this.#output.writableLength;
  }

  /** Bytes that have left this process. */
  get bytesFlushed(): number {
    return this.#output.bytesWritten - this.#output.writableLength;
  }

  /** Resolves when all that was sent has left this process, or when nobody takes it any more. */
  flushed(): Promise<void> {
    return new Promise((resolve) => this.#output.write('', () => resolve()));
  }

  get isPaused(): boolean {
    return this.#input.isPaused();
  }

  pause(): void {
    this.#input.pause();
  }

  resume(): void {
    this.#input.resume();
  }

  /** Ends at once. */
  fail(error: Error): void {
    this.#end({ error });
  }

  #protocolConfig(config: TransportConfig): ProtocolConfig {
    const { server, hostKeys, hostVerifier, ciphers = DEFAULT_CIPHER, serverHostKeys } = config;
    const each = { cipher: ciphers, mac: DEFAULT_MAC, compress: ['none'], lang: [] };
    return {
      ...(server && { server }),
      ...(hostKeys && { hostKeys }),
      ...(hostVerifier && { hostVerifier }),
      offer: { kex: DEFAULT_KEX, serverHostKey: serverHostKeys, cs: each, sc: each },
      messageHandlers: {
        ...config.messageHandlers,
        DISCONNECT: (_, reason, farewell) =>
          this.#end(reason === byApplication ? { farewell } : { error: new Error(farewell), farewell }),
      },
      onWrite: (bytes) => this.#write(bytes),
      onError: (error) => this.#end({ error }),
      onHandshakeComplete: () => {
        keepKeys(this.#protocol);
        config.onHandshake?.();
        this.#onDrain();
      },
    };
  }

  #interceptMessages(): void {
    const others = this.#protocol._onPayload;
    this.#protocol._onPayload = (payload) => {
      if (!connectionProtocol.includes(payload[0])) return others(payload);
      if (this.#onMessage) this.#onMessage(payload);
      else this.#hold(payload);
    };
  }

  #hold(payload: Uint8Array): void {
    this.#held.push(payload);
    this.#input.pause();
  }

  #parse(chunk: Buffer): void {
    this.lastHeard = performance.now();
    try {
      this.#protocol.parse(chunk, 0, chunk.length);
    } catch (error) {
      this.#end({ error: error as Error });
    }
  }

  /** ssh2 writes a packet in three pieces; whatever is written in one go leaves in one go. */
  #write(bytes: Uint8Array): void {
    if (this.#output.destroyed) return;
    if (!this.#isCorked) {
      this.#isCorked = true;
      this.#output.cork();
      process.nextTick(() => {
        this.#isCorked = false;
        this.#output.uncork();
      });
    }
    this.#output.write(bytes);
  }
}

/** Node 24 takes longer to make a key of its bytes than to encrypt a packet with it, and ssh2 has it do so each time. */
function keepKeys({ _cipher, _decipher }: Protocol): void {
  if (Buffer.isBuffer(_cipher._encKey)) _cipher._encKey = createSecretKey(_cipher._encKey);
  if (Buffer.isBuffer(_decipher._decipherKey))
    _decipher._decipherKey = createSecretKey(_decipher._decipherKey);
}
