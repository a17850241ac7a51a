import type { AccountView } from '../../sandboxes/account.ts';
import type { AccountAction } from '../../sandboxes/accountActions.ts';
import type { PortForward } from '../../sandboxes/forwards.ts';
import type { PresignedUrl } from '../../sandboxes/ports.ts';
import type { Provider } from '../../sandboxes/provider.ts';
import type { Sandbox, Session } from '../../sandboxes/sandbox.ts';
import type { Snapshot } from '../../sandboxes/snapshots.ts';

/** What the tree is made of; also the argument that its menus hand to the commands. */
export type Node =
  | AccountNode
  | SandboxNode
  | SessionNode
  | UrlNode
  | ForwardNode
  | SnapshotsNode
  | SnapshotNode
  | HiddenNode
  | FailureNode;

export interface AccountNode {
  readonly kind: 'account';
  readonly view: AccountView;
  /** Its sandboxes as the user wants to see them. */
  readonly shown: readonly Sandbox[];
  /** What can be done with it. */
  readonly allowed: ReadonlySet<AccountAction>;
}

export interface SandboxNode {
  readonly kind: 'sandbox';
  readonly sandbox: Sandbox;
  readonly provider: Provider;
}

export interface SessionNode {
  readonly kind: 'session';
  readonly sandbox: Sandbox;
  readonly session: Session;
  /** Whether a terminal of this window shows it. */
  readonly attached: boolean;
  /** Whether other programs can reach it. */
  readonly hasUrl: boolean;
}

/** A URL that was made for a port of a sandbox. */
export interface UrlNode {
  readonly kind: 'url';
  readonly sandbox: Sandbox;
  readonly url: PresignedUrl;
}

/** A port of a sandbox that is forwarded to this machine. */
export interface ForwardNode {
  readonly kind: 'forward';
  readonly sandbox: Sandbox;
  readonly forward: Pick<PortForward, 'port' | 'localPort'>;
}

/** The row that holds an account's snapshots. */
export interface SnapshotsNode {
  readonly kind: 'snapshots';
  readonly accountId: string;
}

export interface SnapshotNode {
  readonly kind: 'snapshot';
  readonly accountId: string;
  readonly snapshot: Snapshot;
}

/** The row of an account whose sandboxes are all left out by what the user chose to see. */
export interface HiddenNode {
  readonly kind: 'hidden';
  readonly accountId: string;
  readonly count: number;
}

/** A row that tells why what is above it may be out of date. */
export interface FailureNode {
  readonly kind: 'failure';
  readonly accountId: string;
  readonly id: string;
  readonly message: string;
  /** The whole name of the setting that must be changed, if that is what is wrong. */
  readonly setting: string | undefined;
  /** Whether another key is what mends it. */
  readonly isRefused: boolean;
}

/** Names a row among all others, for as long as it is there. */
export function idOf(node: Node): string {
  switch (node.kind) {
    case 'account':
      return `account:${node.view.account.id}`;
    case 'sandbox':
      return `sandbox:${node.sandbox.key}`;
    case 'session':
      return `session:${node.sandbox.key}/${node.session.id}`;
    case 'forward':
      return `forward:${node.sandbox.key}/${node.forward.port}`;
    case 'url':
      return `url:${node.sandbox.key}/${node.url.id}`;
    case 'snapshots':
      return `snapshots:${node.accountId}`;
    case 'snapshot':
      return `snapshot:${node.accountId}/${node.snapshot.id}`;
    case 'hidden':
      return `hidden:${node.accountId}`;
    case 'failure':
      return `failure:${node.id}`;
  }
}

/** Whether a command's argument, which may come from anywhere, is a row of our tree. */
export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'kind' in value;
}
