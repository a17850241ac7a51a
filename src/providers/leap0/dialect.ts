import type { CreateRequest } from '../../sandboxes/provider.ts';
import type { RestoreRequest, SnapshotRequest } from '../../sandboxes/snapshots.ts';
import type { Spelling } from './wire/spelling.ts';

/**
 * The revisions of Leap0's API by their age. A is the one of SDK 0.1.0, and B the one of leap0-openapi.yaml. Those between
 * them list sandboxes, as B does, and restore snapshots in A's words: M1 spells sizes and times as A does, M2 as B does, and
 * M is one of the two as long as no answer has shown which.
 */
export const revisions = ['A', 'M', 'M1', 'M2', 'B'] as const;
export type Revision = (typeof revisions)[number];

export type Verb = 'pause' | 'stop' | 'start';

/** Where a call goes. */
export interface Route {
  /** Starts with a slash; its variable parts are encoded already. */
  readonly path: string;
  /** Where it goes if the service has no such route, and so has done nothing. */
  readonly otherwise?: Route;
}

/** What is sent by a POST. */
export interface Post extends Route {
  readonly body?: object;
  readonly otherwise?: Post;
}

/**
 * How a revision spells what they do not all spell alike; what a revision has not is missing. Everything else about the
 * API holds for all, and answers are decoded in either spelling. Source: leap0.md, the table.
 */
export interface Dialect {
  readonly revision: Revision;
  /** Whether it has a list of the sandboxes of an account. */
  readonly lists: boolean;
  /** How it spells sizes and times; both ways at once where it is missing. */
  readonly spelling: Spelling | undefined;
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

/** The routes of a set of credentials. */
export interface SshSet {
  /** For a DELETE. */
  readonly revoke: Route;
  /** For a POST. */
  readonly regenerate: Route;
}
