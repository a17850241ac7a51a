import type { AccountView } from '../../sandboxes/account.ts';
import type { Provider } from '../../sandboxes/provider.ts';
import type { Sandbox, Session } from '../../sandboxes/sandbox.ts';

/** What the tree is made of; also the argument that its menus hand to the commands. */
export type Node = AccountNode | SandboxNode | SessionNode | FailureNode;

export interface AccountNode {
  readonly kind: 'account';
  readonly view: AccountView;
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
}

/** A row that tells why what is above it may be out of date. */
export interface FailureNode {
  readonly kind: 'failure';
  readonly accountId: string;
  readonly id: string;
  readonly message: string;
}

/** Whether a command's argument, which may come from anywhere, is a row of our tree. */
export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'kind' in value;
}
