import type { EngineAddress } from '../common/engineEnvironment.ts';
import type { PtyChannel } from '../terminals/channel.ts';
import type { NetworkLimits, NetworkPolicy } from './networkPolicy.ts';
import type { Ports } from './ports.ts';
import type { SandboxRecord, Session } from './sandbox.ts';
import type { Snapshots } from './snapshots.ts';

export interface CallOptions {
  /** Cancels the call, down to its socket. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; the provider's own default where it is missing. */
  readonly timeoutMs?: number | undefined;
}

export interface ListOptions extends CallOptions {
  /** The ids that the caller would take for gone where the list lacks them. */
  readonly known?: readonly string[] | undefined;
}

export interface Range {
  readonly min: number;
  readonly max: number;
  readonly step?: number;
  readonly default: number;
}

/** What a new sandbox may ask for. */
export interface CreateLimits {
  readonly templates: readonly string[];
  /** Missing where no other templates than those are to be had. */
  readonly templateName?: { readonly minLength: number; readonly maxLength: number };
  readonly vcpu: Range;
  readonly memoryMib: Range;
  readonly timeoutMinutes: Range;
  /** What happens at the time-out unless something else is asked for: a pause, or the end with all that is in it. */
  readonly autoPause: boolean;
  /** Missing where nothing can be said about a sandbox's network. */
  readonly network?: NetworkLimits;
}

export interface CreateRequest {
  readonly template: string;
  readonly vcpu: number;
  readonly memoryMib: number;
  readonly timeoutMinutes: number;
  /** Whether the time-out pauses the sandbox; it deletes it otherwise. */
  readonly autoPause: boolean;
  /** Variables for every process in it. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Everything is allowed where it is missing. */
  readonly network?: NetworkPolicy | undefined;
  /**
   * Lets the sandbox export telemetry to where this program's own environment exports it: OpenTelemetry's
   * `OTEL_EXPORTER_OTLP_ENDPOINT`, and `…_HEADERS` if set, are added to `env`, whose own entries win.
   */
  readonly otelExport?: boolean | undefined;
  /** The old name of `otelExport`, which wins over it. */
  readonly telemetry?: boolean | undefined;
}

export interface SessionRequest {
  readonly cols: number;
  readonly rows: number;
  /** The session's ID; the service's own choice where it is missing. */
  readonly id?: string | undefined;
  /** A folder in the sandbox; the service's own choice where it is missing. */
  readonly cwd?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** The facet of a provider whose sandboxes have PTY sessions. Every call may wake a paused sandbox. */
export interface Terminals {
  /** Characters that the ID of a session may have; missing where the service alone chooses IDs. */
  readonly maxIdLength?: number;
  list(sandboxId: string, options?: CallOptions): Promise<readonly Session[]>;
  /**
   * Makes a session whose shell starts with the first connection, at the size given here.
   * @throws ProviderError `conflict` when another session has the ID
   */
  create(sandboxId: string, request: SessionRequest, options?: CallOptions): Promise<Session>;
  /** Kills the shell and forgets the session. */
  delete(sandboxId: string, sessionId: string, options?: CallOptions): Promise<void>;
  connect(sandboxId: string, sessionId: string, options?: CallOptions): Promise<PtyChannel>;
  /**
   * Where the session's WebSocket is, for other programs, which need the account's key in a header; missing where no
   * other program can reach it.
   */
  readonly websocketUrl?: (sandboxId: string, sessionId: string) => string;
}

export interface ExecOptions extends CallOptions {
  /** A folder in the sandbox; the provider's own default where it is missing. */
  readonly cwd?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Gives the command a terminal, which is all of its output: `stderr` stays empty, and lines end with CR LF. */
  readonly tty?: boolean | undefined;
}

export interface Execution {
  readonly exitCode: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** How many more bytes there were than the service hands out, as far as it says so. */
  readonly stdoutCut: number;
  readonly stderrCut: number;
}

/** The facet of a provider that runs one command and waits for it. A call may wake a paused sandbox. */
export interface Exec {
  /** Ends the command, and throws `timeout`, when it takes longer than `timeoutMs`. */
  run(sandboxId: string, command: string, options?: ExecOptions): Promise<Execution>;
}

/** A set of SSH credentials for one sandbox. The password is a secret. */
export interface SshAccess {
  readonly accessId: string;
  readonly user: string;
  readonly password: string;
  /** A name or an address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** Milliseconds since 1970; missing where it does not expire. */
  readonly expiresAt: number | undefined;
  /** The service's own text: not to be run, and shown only as `plain` makes it. */
  readonly command: string;
}

/**
 * The facet of a provider that lets people in by SSH, with a user name and a password. A sandbox has one set of
 * credentials at most. No call wakes a paused sandbox; a connection does.
 */
export interface SshAccessApi {
  /** The address of the service, by which several accounts of one user know that they are at the same one. */
  readonly service?: string | undefined;
  /** Present where a set that has expired makes room: then a conflict proves that there is one that still is good. */
  readonly expiredMakesRoom?: true | undefined;
  /** @throws ProviderError `conflict` when there is a set already: its password is told to nobody a second time. */
  create(sandboxId: string, options?: CallOptions): Promise<SshAccess>;
  /** Whether the set still is good. */
  validate(
    sandboxId: string,
    access: Pick<SshAccess, 'accessId' | 'password'>,
    options?: CallOptions,
  ): Promise<boolean>;
  /** Replaces the set by a new one, which ends the old one wherever it is in use. */
  regenerate(sandboxId: string, accessId: string, options?: CallOptions): Promise<SshAccess>;
  revoke(sandboxId: string, accessId: string, options?: CallOptions): Promise<void>;
  /** Does the same to the set that there is, whoever made it; missing where the service wants to know its ID. */
  readonly anySet?: {
    regenerate(sandboxId: string, options?: CallOptions): Promise<SshAccess>;
    revoke(sandboxId: string, options?: CallOptions): Promise<void>;
  };
}

/**
 * One account at one service. It can do what it has: a missing method or facet is something that the service has
 * not. Every call throws `ProviderError` and nothing else.
 */
export interface Provider {
  readonly createLimits: CreateLimits;
  /** Every sandbox. One of `known` that is there is not left out because others came and went meanwhile. */
  list(options?: ListOptions): Promise<readonly SandboxRecord[]>;
  get(id: string, options?: CallOptions): Promise<SandboxRecord>;
  create(request: CreateRequest, options?: CallOptions): Promise<SandboxRecord>;
  delete(id: string, options?: CallOptions): Promise<void>;
  readonly pause?: (id: string, options?: CallOptions) => Promise<SandboxRecord>;
  readonly resume?: (id: string, options?: CallOptions) => Promise<SandboxRecord>;
  readonly stop?: (id: string, options?: CallOptions) => Promise<SandboxRecord>;
  readonly start?: (id: string, options?: CallOptions) => Promise<SandboxRecord>;
  readonly terminals?: Terminals;
  readonly exec?: Exec;
  readonly snapshots?: Snapshots;
  readonly ports?: Ports;
  /**
   * Takes in a sandbox of the account that was made elsewhere, by its ID: there where the service has no list.
   * @throws ProviderError `notFound` when there is none
   */
  readonly adopt?: (id: string, options?: CallOptions) => Promise<SandboxRecord>;
  /**
   * Makes the cheapest call that proves the account's key; missing where there is none.
   * @throws ProviderError `unauthorized` or `forbidden` when the key is wrong, else why that cannot be told
   */
  readonly checkKey?: (options?: CallOptions) => Promise<void>;
  readonly ssh?: SshAccessApi;
  /**
   * Opens the service to other programs of this machine, by HTTP and with a key, which is a secret, until the service
   * ends; missing where they can reach it anyway.
   */
  readonly openListener?: (options?: CallOptions) => Promise<EngineAddress>;
  /** Closes what the provider holds open. */
  dispose(): void;
}
