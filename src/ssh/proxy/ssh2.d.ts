/**
 * The parts of ssh2 below its `Client` and `Server`: those hand out streams, and what a relay wants is messages. What
 * begins with an underscore is internal to it; `transport.ts` is the only place that touches these.
 */
declare module 'ssh2/lib/protocol/Protocol.js' {
  import type { KeyObject } from 'node:crypto';
  import type { ParsedKey } from 'ssh2';

  export interface KeyExchangeOffer {
    kex: readonly string[];
    serverHostKey: readonly string[];
    cs: {
      cipher: readonly string[];
      mac: readonly string[];
      compress: readonly string[];
      lang: readonly string[];
    };
    sc: KeyExchangeOffer['cs'];
  }

  export interface MessageHandlers {
    DISCONNECT?: (protocol: Protocol, reason: number, description: string) => void;
    SERVICE_REQUEST?: (protocol: Protocol, name: string) => void;
    SERVICE_ACCEPT?: (protocol: Protocol, name: string) => void;
    USERAUTH_REQUEST?: (protocol: Protocol, user: string, service: string, method: string) => void;
    USERAUTH_BANNER?: (protocol: Protocol, message: string) => void;
    USERAUTH_SUCCESS?: (protocol: Protocol) => void;
    USERAUTH_FAILURE?: (protocol: Protocol, methods: string[] | undefined, partial: boolean) => void;
  }

  export interface ProtocolConfig {
    server?: boolean;
    /** By type. */
    hostKeys?: Record<string, ParsedKey>;
    hostVerifier?: (key: Buffer) => boolean;
    offer: KeyExchangeOffer;
    messageHandlers: MessageHandlers;
    onWrite: (bytes: Uint8Array) => void;
    onError: (error: Error) => void;
    onHandshakeComplete?: () => void;
  }

  export default class Protocol {
    constructor(config: ProtocolConfig);
    start(): void;
    parse(bytes: Uint8Array, from: number, to: number): void;
    cleanup(): void;
    disconnect(reason: number): void;
    service(name: string): void;
    serviceAccept(name: string): void;
    authPassword(user: string, password: string): void;
    authSuccess(): void;
    authFailure(methods: readonly string[]): void;
    _onPayload: (payload: Uint8Array) => unknown;
    /** There with the ciphers that authenticate, and those alone. */
    _cipher: { _encKey?: Buffer | KeyObject };
    _decipher: { _decipherKey?: Buffer | KeyObject };
    /** There while keys are being exchanged, when nothing else may be sent. */
    _kexinit: object | undefined;
    _packetRW: {
      write: {
        allocStart: number;
        alloc(length: number): Uint8Array;
        finalize(packet: Uint8Array): Uint8Array;
      };
    };
  }
}

declare module 'ssh2/lib/protocol/utils.js' {
  import type Protocol from 'ssh2/lib/protocol/Protocol.js';
  export function sendPacket(protocol: Protocol, packet: Uint8Array): boolean;
}

declare module 'ssh2/lib/protocol/constants.js' {
  export const DEFAULT_KEX: readonly string[];
  export const DEFAULT_SERVER_HOST_KEY: readonly string[];
  export const DEFAULT_CIPHER: readonly string[];
  export const DEFAULT_MAC: readonly string[];
}

declare module 'ssh2/lib/protocol/crypto.js' {
  /** Resolves when the parts that are WebAssembly can be used. */
  export const init: Promise<void>;
}

declare module 'ssh2/lib/protocol/keyParser.js' {
  import type { utils } from 'ssh2';
  export const parseKey: typeof utils.parseKey;
}

declare module 'ssh2/lib/keygen.js' {
  import type { utils } from 'ssh2';
  export const generateKeyPairSync: typeof utils.generateKeyPairSync;
}
