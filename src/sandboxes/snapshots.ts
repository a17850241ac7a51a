import type { NetworkPolicy } from './networkPolicy.ts';
import type { CallOptions } from './provider.ts';
import type { SandboxRecord } from './sandbox.ts';

/** A sandbox as it was at one moment; it outlives the sandbox. */
export interface Snapshot {
  readonly id: string;
  /** Unique in its account. */
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number | undefined;
  /** The name by which a new sandbox asks for its template. */
  readonly template: string | undefined;
  /** What the service itself calls the template. */
  readonly templateId: string | undefined;
  readonly vcpu: number | undefined;
  readonly memoryMib: number | undefined;
  readonly diskMib: number | undefined;
  /** The outbound network policy's mode, in the provider's word. */
  readonly network: string | undefined;
}

export interface SnapshotRequest {
  /** The service's own choice where it is missing. */
  readonly name?: string | undefined;
  /** Whether the sandbox is deleted once the snapshot is stored. */
  readonly deleteSandbox?: boolean | undefined;
}

export interface RestoreRequest {
  /** The snapshot's. */
  readonly name: string;
  readonly timeoutMinutes: number;
  /** Whether the time-out pauses the new sandbox; it deletes it otherwise. */
  readonly autoPause: boolean;
  /** The snapshot's own where it is missing. */
  readonly network?: NetworkPolicy | undefined;
}

/** The facet of a provider that keeps snapshots. */
export interface Snapshots {
  /** Characters that a name may have. */
  readonly maxNameLength: number;
  /**
   * Makes a snapshot of a sandbox that runs, which rests meanwhile; called twice it makes two.
   * @throws ProviderError `conflict` when the name is taken, or the sandbox does not run
   */
  create(sandboxId: string, request: SnapshotRequest, options?: CallOptions): Promise<Snapshot>;
  /** Makes a new sandbox of a snapshot; called twice it makes two. */
  restore(request: RestoreRequest, options?: CallOptions): Promise<SandboxRecord>;
  /** @throws ProviderError `conflict` while a sandbox depends on it */
  delete(id: string, options?: CallOptions): Promise<void>;
  /** All of the account, the newest first; missing where the service has no list of them. */
  readonly list?: (options?: CallOptions) => Promise<readonly Snapshot[]>;
}
