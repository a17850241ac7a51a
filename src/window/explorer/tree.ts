import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../common/disposable.ts';
import { Alarm } from '../../common/time.ts';
import { accountActions } from '../../sandboxes/accountActions.ts';
import type { AccountView } from '../../sandboxes/account.ts';
import { arrange } from '../../sandboxes/arrange.ts';
import { explain, ProviderError } from '../../sandboxes/errors.ts';
import type { Fleet } from '../../sandboxes/fleet.ts';
import type { Forwards } from '../../sandboxes/forwards.ts';
import type { Sandbox, Session } from '../../sandboxes/sandbox.ts';
import type { Sessions } from '../../sandboxes/sessions.ts';
import type { SharedUrls } from '../../sandboxes/sharedUrls.ts';
import type { SnapshotLists } from '../../sandboxes/snapshotLists.ts';
import { SettingError } from '../settings.ts';
import type { WindowArrangement } from './arrangement.ts';
import { itemOf, lookOf } from './items.ts';
import {
  idOf,
  type AccountNode,
  type FailureNode,
  type HiddenNode,
  type Node,
  type SandboxNode,
  type SessionNode,
  type SnapshotsNode,
} from './nodes.ts';
import { Rows, type Changed } from './rows.ts';

/** Many answers may arrive at once: one drawing is enough for them. */
const redrawMs = 50;

export interface TreeOptions {
  readonly fleet: Fleet;
  readonly sessions: Sessions;
  readonly snapshots: SnapshotLists;
  readonly urls: SharedUrls;
  readonly forwards: Forwards;
  readonly arrangement: WindowArrangement;
  readonly isAttached: (sandbox: Sandbox, sessionId: string) => boolean;
}

/** The rows of the explorer: accounts, their sandboxes, and the sessions of those that run. */
export class Tree implements vscode.TreeDataProvider<Node>, Disposable {
  readonly #fleet: Fleet;
  readonly #sessions: Sessions;
  readonly #snapshots: SnapshotLists;
  readonly #urls: SharedUrls;
  readonly #forwards: Forwards;
  readonly #arrangement: WindowArrangement;
  readonly #isAttached: (sandbox: Sandbox, sessionId: string) => boolean;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<Node[] | undefined>());
  readonly #redraw = this.#store.add(new Alarm());
  readonly #rows = new Rows(lookOf);
  /** What was read last of what must be asked for. */
  readonly #read = new WeakMap<ListNode, () => Node[]>();
  readonly onDidChangeTreeData = this.#changed.event;

  constructor({ fleet, sessions, snapshots, urls, forwards, arrangement, isAttached }: TreeOptions) {
    this.#fleet = fleet;
    this.#sessions = sessions;
    this.#snapshots = snapshots;
    this.#urls = urls;
    this.#forwards = forwards;
    this.#arrangement = arrangement;
    this.#isAttached = isAttached;
    for (const { onDidChange } of [fleet, urls, forwards, arrangement]) {
      this.#store.add(onDidChange(() => this.redraw()));
    }
    for (const { onDidChange } of [sessions, snapshots]) {
      this.#store.add(onDidChange(() => this.readAgain()));
    }
  }

  /** Draws what looks different by now. */
  redraw(): void {
    // Arming it again would put it off for ever while answers keep coming.
    if (!this.#redraw.isSet) this.#redraw.set(redrawMs, () => this.redrawNow());
  }

  /** Draws what is due at once: a row that VS Code has not heard of cannot be revealed. */
  redrawNow(): void {
    this.#redraw.clear();
    this.#fire(this.#rows.update((parent) => this.#childrenOf(parent)));
  }

  /** Reads the sessions and the snapshots that are shown once more, and draws what looks different by now. */
  readAgain(): void {
    this.redraw();
    this.#fire(this.#rows.askAgain((row) => isList(row) && !this.#isRefused(accountIdOf(row))));
  }

  getTreeItem(node: Node): vscode.TreeItem {
    this.#rows.drawn(node);
    // When it runs again its sessions are others.
    if (node.kind === 'sandbox' && node.sandbox.state !== 'running') this.#read.delete(node);
    return itemOf(node);
  }

  /** What was read before is shown until it is read again: rows that go and come back would lose a click. */
  async getChildren(parent?: Node): Promise<Node[]> {
    if (parent && isList(parent)) {
      const reading = this.#list(parent);
      if (!this.#read.has(parent)) await reading;
    }
    return this.#rows.draw(parent, this.#childrenOf(parent));
  }

  getParent(node: Node): Node | undefined {
    if (node.kind === 'account') return undefined;
    if (node.kind === 'session' || node.kind === 'url' || node.kind === 'forward') {
      return this.sandboxNode(node.sandbox);
    }
    if (node.kind === 'snapshot') return { kind: 'snapshots', accountId: node.accountId };
    const accountId = 'sandbox' in node ? node.sandbox.accountId : node.accountId;
    const view = this.#fleet.viewOf(accountId);
    return view && this.#accountNode(view);
  }

  sandboxNode(sandbox: Sandbox): SandboxNode | undefined {
    const provider = this.#fleet.viewOf(sandbox.accountId)?.provider;
    return provider && { kind: 'sandbox', sandbox, provider };
  }

  dispose(): void {
    this.#store.dispose();
  }

  /** The rows below one, as far as they are known by now. */
  #childrenOf(parent: Node | undefined): Node[] {
    if (!parent) return this.#accounts();
    if (parent.kind === 'account') return this.#accountRows(parent);
    if (!isList(parent)) return [];
    const ports = parent.kind === 'sandbox' ? this.#portRows(parent) : [];
    return [...ports, ...(this.#read.get(parent)?.() ?? [])];
  }

  /** No rows at all where there is nothing to show: that is where the welcome view stands. */
  #accounts(): Node[] {
    const views = this.#fleet.views();
    const nothing =
      views.length === 1 &&
      views.every(({ sandboxes, error, listedAt }) => !sandboxes.length && !error && listedAt);
    return nothing ? [] : views.map((view) => this.#accountNode(view));
  }

  #accountNode(view: AccountView): AccountNode {
    const shown = arrange(view.sandboxes, this.#arrangement.current);
    return { kind: 'account', view, shown, allowed: accountActions(view, this.#fleet.views()) };
  }

  #accountRows({ view, shown }: AccountNode): Node[] {
    const { provider, error, account, sandboxes } = view;
    const failures = error ? [failureRow(account.id, account.id, error)] : [];
    if (!provider) return failures;
    const rows = shown.map((sandbox) => ({ kind: 'sandbox' as const, sandbox, provider }));
    const isAllHidden = shown.length === 0 && sandboxes.length > 0;
    const snapshots: SnapshotsNode[] = provider.snapshots?.list
      ? [{ kind: 'snapshots', accountId: account.id }]
      : [];
    return [...failures, ...rows, ...(isAllHidden ? [hiddenRow(view)] : []), ...snapshots];
  }

  #portRows({ sandbox }: SandboxNode): Node[] {
    return [
      ...this.#forwards.of(sandbox).map((forward) => ({ kind: 'forward' as const, sandbox, forward })),
      ...this.#urls.of(sandbox).map((url) => ({ kind: 'url' as const, sandbox, url })),
    ];
  }

  /** Reads what is below a row, unless that was done a moment ago. Never rejects. */
  async #list(parent: ListNode): Promise<void> {
    const accountId = accountIdOf(parent);
    const rows = await (
      parent.kind === 'sandbox' ? this.#sessionRows(parent) : this.#snapshotRows(parent)
    ).catch((thrown: unknown) => () => [failureRow(accountId, idOf(parent), thrown)]);
    this.#read.set(parent, rows);
    this.redraw();
  }

  async #snapshotRows({ accountId }: SnapshotsNode): Promise<() => Node[]> {
    const snapshots = await this.#snapshots.list(accountId);
    return () => snapshots.map((snapshot) => ({ kind: 'snapshot', accountId, snapshot }));
  }

  async #sessionRows(parent: SandboxNode): Promise<() => Node[]> {
    const sessions = await this.#sessions.list(parent.sandbox);
    return () => sessions.map((session) => this.#sessionRow(parent, session));
  }

  #sessionRow({ sandbox, provider }: SandboxNode, session: Session): SessionNode {
    const attached = this.#isAttached(sandbox, session.id);
    return {
      kind: 'session',
      sandbox,
      session,
      attached,
      hasUrl: provider.terminals?.websocketUrl !== undefined,
    };
  }

  /** Whether the account's key is refused: then nothing more is asked with it. */
  #isRefused(accountId: string): boolean {
    return this.#fleet.viewOf(accountId)?.error?.kind === 'unauthorized';
  }

  #fire(changed: Changed): void {
    const nodes = changed.filter((node) => node !== undefined);
    if (changed.length > 0) this.#changed.fire(nodes.length < changed.length ? undefined : nodes);
  }
}

/** A row whose children must be asked for. */
type ListNode = SandboxNode | SnapshotsNode;

const accountIdOf = (row: ListNode): string =>
  row.kind === 'sandbox' ? row.sandbox.accountId : row.accountId;

const isList = (node: Node): node is ListNode => node.kind === 'sandbox' || node.kind === 'snapshots';

const hiddenRow = ({ account, sandboxes }: AccountView): HiddenNode => ({
  kind: 'hidden',
  accountId: account.id,
  count: sandboxes.length,
});

function failureRow(accountId: string, id: string, thrown: unknown): FailureNode {
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
