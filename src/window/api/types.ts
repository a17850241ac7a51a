import type * as vscode from 'vscode';

/**
 * What `activate()` returns, for other extensions and for tests. Version 1 will not lose or change a member; a change
 * that could break a caller makes it version 2.
 *
 * A call that fails rejects with an `Error` whose `message` is meant for a person and whose `kind` is one of
 * `unauthorized, forbidden, notFound, conflict, rateLimited, unavailable, invalid, timeout, network, protocol,
 * cancelled`. No call asks the user anything, and none wakes a sandbox that sleeps, apart from `resume` and `start`.
 */
export interface SandboxExplorerApi {
  readonly version: 1;
  /**
   * Every sandbox of every account, as the explorer knows them. A list that is older than 30 s for every 100 sandboxes
   * is read again first. One that cannot be read stays as it was known; it is tried again no sooner than the explorer
   * would, and after a key was refused not before there is another one.
   */
  list(): Promise<SandboxInfo[]>;
  /** Reads the lists of all accounts now, whatever has failed before. An account that cannot be reached keeps what was known of it. */
  refresh(): Promise<void>;
  /**
   * Makes a sandbox and resolves when it runs. Called twice it makes two. `timeout` when that takes longer than the
   * setting `sandboxExplorer.createTimeout` allows; the sandbox may be there, and may still start.
   */
  create(options?: CreateOptions): Promise<SandboxInfo>;
  /** Reads one sandbox, with all details. */
  get(key: string): Promise<SandboxInfo>;
  /**
   * The four resolve when the sandbox has arrived in its new state. `conflict` when the state that it has at the
   * service by then does not allow it, `timeout` when it takes longer than `sandboxExplorer.createTimeout` allows; it
   * may still arrive.
   */
  pause(key: string): Promise<SandboxInfo>;
  resume(key: string): Promise<SandboxInfo>;
  stop(key: string): Promise<SandboxInfo>;
  start(key: string): Promise<SandboxInfo>;
  /** Deletes it with all that is in it, without asking; one that is gone meanwhile counts as deleted. */
  delete(key: string): Promise<void>;
  /** Runs a command by the sandbox's shell and waits for its end. `conflict` when the sandbox does not run. */
  run(key: string, command: string, options?: RunOptions): Promise<RunResult>;
  /** Opens and shows a terminal. `conflict` when the sandbox does not run. */
  openTerminal(key: string, options?: OpenTerminalOptions): Promise<vscode.Terminal>;
  /** Fires when any sandbox, or the list, has changed. Sandboxes are polled only while the explorer is visible. */
  readonly onDidChange: vscode.Event<void>;
}

export interface SandboxInfo {
  /** Ours; unique over all accounts, and the same even when the service gives the sandbox another id. */
  readonly key: string;
  /** The account's id, such as `local`. */
  readonly account: string;
  /** The kind of service, such as `local` or `leap0`. */
  readonly provider: string;
  /** The service's own id. */
  readonly id: string;
  /** The user's name for it, or the id where there is none. */
  readonly name: string;
  readonly state:
    | 'starting'
    | 'running'
    | 'pausing'
    | 'paused'
    | 'resuming'
    | 'stopping'
    | 'stopped'
    | 'snapshotting'
    | 'deleting'
    | 'unknown';
  /** Milliseconds since 1970. */
  readonly createdAt: number | undefined;
  /** When the service will pause or delete it; milliseconds since 1970. */
  readonly endsAt: number | undefined;
  /** Its name; missing where the service tells only an ID of it. */
  readonly template: string | undefined;
  readonly vcpu: number | undefined;
  readonly memoryMib: number | undefined;
}

/** What is left out is the account's default. A value out of the service's range is `invalid`. */
export interface CreateOptions {
  /** The account's id; the first account by default. */
  readonly account?: string;
  /** A name to show; one such as `debian-2` by default. */
  readonly name?: string;
  readonly template?: string;
  readonly vcpu?: number;
  readonly memoryMib?: number;
  readonly timeoutMinutes?: number;
  /** Whether the time-out pauses the sandbox; it deletes it otherwise. */
  readonly autoPause?: boolean;
}

export interface RunOptions {
  /** A folder in the sandbox. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /**
   * After this many milliseconds the command is killed and the call rejects with `timeout`; 60,000 by default. From 1 to
   * 28,800,000, which is 8 hours; anything else is `invalid`.
   */
  readonly timeoutMs?: number;
  /** Gives the command a terminal: all output is in `stdout`, and its lines end with CR LF. Needs `script` inside. */
  readonly tty?: boolean;
}

export interface RunResult {
  readonly exitCode: number;
  /** As UTF-8; a byte that is not becomes U+FFFD. */
  readonly stdout: string;
  readonly stderr: string;
  /** The bytes themselves, as far as the service hands them out: Leap0 and the local engine answer text. */
  readonly stdoutBytes: Uint8Array;
  readonly stderrBytes: Uint8Array;
  /**
   * How many bytes are missing at the end of each; 0 where nothing is, or where the service does not say so. The local
   * engine keeps the first 4 MiB of each, and less of what JSON writes longer, such as control characters. What needs
   * all of a longer output writes it to a file.
   */
  readonly stdoutCut: number;
  readonly stderrCut: number;
}

export interface OpenTerminalOptions {
  /** A session that exists: its tab is shown, or a new one attached to it. The rest is for a new session. */
  readonly session?: string;
  /** A folder in the sandbox; by default the one that the user's settings name, or the service's own. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The absolute path of a shell in the sandbox; the service's own by default. Anything else is `invalid`. */
  readonly shell?: string;
}
