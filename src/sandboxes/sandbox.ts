/** Where a sandbox is in its life. `unknown` is a state that a provider has and we have not. */
export type SandboxState =
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

const transitions: ReadonlySet<SandboxState> = new Set([
  'starting',
  'pausing',
  'resuming',
  'stopping',
  'snapshotting',
  'deleting',
]);

/** Whether the state will change without anyone asking: such a sandbox is worth watching. */
export const isTransition = (state: SandboxState): boolean => transitions.has(state);

/** What a provider tells of one sandbox; a list may leave out all but the first three. */
export interface SandboxRecord {
  readonly id: string;
  readonly state: SandboxState;
  readonly createdAt: number | undefined;
  /** The name by which a new sandbox asks for its template. */
  readonly template?: string | undefined;
  /** What the service itself calls the template; no new sandbox can be asked for by it. */
  readonly templateId?: string | undefined;
  readonly vcpu?: number | undefined;
  readonly memoryMib?: number | undefined;
  readonly diskMib?: number | undefined;
  /** When the provider will pause or delete it, in milliseconds since 1970. */
  readonly endsAt?: number | undefined;
  /** The whole of its time-out, in seconds. */
  readonly timeoutSeconds?: number | undefined;
  readonly autoPause?: boolean | undefined;
  /** The outbound network policy's mode, in the provider's word. */
  readonly network?: string | undefined;
  /** What it lacks of what was asked for, each as a sentence. */
  readonly warnings?: readonly string[] | undefined;
}

/** A sandbox as the explorer shows it. */
export interface Sandbox extends SandboxRecord {
  /** Ours; unique over all accounts, and stays when a provider gives the sandbox another id. */
  readonly key: string;
  readonly accountId: string;
  /** The user's label, or the id where there is none. */
  readonly name: string;
}

/** A PTY on the server; it lives on when no terminal is attached to it. */
export interface Session {
  readonly id: string;
  readonly cwd: string | undefined;
  readonly createdAt: number | undefined;
  /** Whether its shell runs, or waits for its first connection. */
  readonly active: boolean;
  readonly exitCode: number | undefined;
}
