import type { CreateRequest } from '../../sandboxes/provider.ts';
import type { RestoreRequest, SnapshotRequest } from '../../sandboxes/snapshots.ts';

/** The two revisions of Leap0's API: A is the one of SDK 0.1.0, B the one of leap0-openapi.yaml. */
export type Revision = 'A' | 'B';

export type Verb = 'pause' | 'stop' | 'start';

/** What is sent by a POST. */
export interface Post {
  /** Starts with a slash; its variable parts are encoded already. */
  readonly path: string;
  readonly body?: unknown;
}

/**
 * How a revision spells what the two do not spell alike; what a revision has not is missing. Everything else about the
 * API holds for both, and answers are decoded in either spelling. Source: leap0.md, the table.
 */
export interface Dialect {
  readonly revision: Revision;
  /** The cheapest call, a GET, to which only a good key gets this status. */
  readonly keyProof: { readonly path: string; readonly status: number };
  /** The changes of a sandbox that it knows beside `pause`. */
  readonly verbs: ReadonlySet<Exclude<Verb, 'pause'>>;
  readonly create: (request: CreateRequest) => Post;
  readonly createSnapshot: (sandboxId: string, request: SnapshotRequest) => Post;
  readonly restoreSnapshot: (request: RestoreRequest) => Post;
  /** The path of a page of all snapshots, from page 1. */
  readonly snapshotList?: (page: number, pageSize: number) => string;
  /** The path of a sandbox's presigned URLs; an ID below it is one of them. */
  readonly presignedUrls?: (sandboxId: string) => string;
  readonly ssh: SshDialect;
}

export interface SshDialect {
  readonly validate: (sandboxId: string, access: { accessId: string; password: string }) => Post;
  readonly set: (sandboxId: string, accessId: string) => SshSet;
  /** The set of a sandbox, whichever it is; missing where it has to be named by its ID. */
  readonly anySet?: (sandboxId: string) => SshSet;
}

/** The paths of a set of credentials. */
export interface SshSet {
  /** For a DELETE. */
  readonly revoke: string;
  /** For a POST. */
  readonly regenerate: string;
}
