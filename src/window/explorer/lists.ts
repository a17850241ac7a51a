import { explain, ProviderError } from '../../sandboxes/errors.ts';
import type { Sandbox, Session } from '../../sandboxes/sandbox.ts';
import type { Sessions } from '../../sandboxes/sessions.ts';
import type { SnapshotLists } from '../../sandboxes/snapshotLists.ts';
import { SettingError } from '../settings.ts';
import { idOf, type FailureNode, type Node, type SandboxNode, type SnapshotsNode } from './nodes.ts';

/** A row whose children must be asked for. */
export type ListNode = SandboxNode | SnapshotsNode;

export interface ListsOptions {
  readonly sessions: Sessions;
  readonly snapshots: SnapshotLists;
  readonly isAttached: (sandbox: Sandbox, sessionId: string) => boolean;
}

/** What is below the rows that are read when they are opened, and again while they are open. */
export class Lists {
  readonly #options: ListsOptions;
  readonly #changed: () => void;
  readonly #open = new WeakSet<ListNode>();
  /** What was read last. */
  readonly #rows = new WeakMap<ListNode, () => Node[]>();

  /** @param changed Called when other rows may be below one */
  constructor(options: ListsOptions, changed: () => void) {
    this.#options = options;
    this.#changed = changed;
  }

  isOpen(parent: ListNode): boolean {
    return this.#open.has(parent);
  }

  /** The rows below one, as they were read last. */
  rowsOf(parent: ListNode): Node[] {
    return this.#rows.get(parent)?.() ?? [];
  }

  /** Reads a list that was closed; resolves as soon as there is something to show, old or new. Never rejects. */
  async open(parent: ListNode): Promise<void> {
    const wasOpen = this.#open.has(parent);
    this.#open.add(parent);
    if (wasOpen && this.#rows.has(parent)) return;
    const reading = this.read(parent, wasOpen ? 'list' : 'refresh');
    if (!this.#rows.has(parent)) await reading;
  }

  close(parent: ListNode): void {
    this.#open.delete(parent);
  }

  /** Closes a list and forgets what was below it: when it is opened again its rows are others. */
  forget(parent: ListNode): void {
    this.close(parent);
    this.#rows.delete(parent);
  }

  /**
   * Reads a list. Never rejects.
   * @param how With `list` what was read a moment ago will do, with `refresh` it will not
   */
  async read(parent: ListNode, how: 'list' | 'refresh'): Promise<void> {
    const rows = await (
      parent.kind === 'sandbox' ? this.#sessionRows(parent, how) : this.#snapshotRows(parent, how)
    ).catch((thrown: unknown) => () => [failureRow(accountIdOf(parent), idOf(parent), thrown)]);
    this.#rows.set(parent, rows);
    this.#changed();
  }

  async #snapshotRows({ accountId }: SnapshotsNode, how: 'list' | 'refresh'): Promise<() => Node[]> {
    const snapshots = await this.#options.snapshots[how](accountId);
    return () => snapshots.map((snapshot) => ({ kind: 'snapshot', accountId, snapshot }));
  }

  async #sessionRows(parent: SandboxNode, how: 'list' | 'refresh'): Promise<() => Node[]> {
    const sessions = await this.#options.sessions[how](parent.sandbox);
    return () => sessions.map((session) => this.#sessionRow(parent, session));
  }

  #sessionRow({ sandbox, provider }: SandboxNode, session: Session): Node {
    return {
      kind: 'session',
      sandbox,
      session,
      attached: this.#options.isAttached(sandbox, session.id),
      hasUrl: provider.terminals?.websocketUrl !== undefined,
    };
  }
}

export const accountIdOf = (row: ListNode): string =>
  row.kind === 'sandbox' ? row.sandbox.accountId : row.accountId;

export const isList = (node: Node): node is ListNode => node.kind === 'sandbox' || node.kind === 'snapshots';

/** @param id Names the row among all of its kind */
export function failureRow(accountId: string, id: string, thrown: unknown): FailureNode {
  const error = ProviderError.from(thrown);
  return {
    kind: 'failure',
    accountId,
    id,
    message: explain(error),
    setting: thrown instanceof SettingError ? thrown.setting : undefined,
    isRefused: error.kind === 'unauthorized' && accountId !== 'local',
  };
}
