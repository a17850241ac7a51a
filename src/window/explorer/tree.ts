import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../common/disposable.ts';
import { Alarm } from '../../common/time.ts';
import { accountActions } from '../../sandboxes/accountActions.ts';
import type { AccountView } from '../../sandboxes/account.ts';
import { arrange } from '../../sandboxes/arrange.ts';
import type { Fleet } from '../../sandboxes/fleet.ts';
import type { Forwards } from '../../sandboxes/forwards.ts';
import type { Sandbox } from '../../sandboxes/sandbox.ts';
import type { SharedUrls } from '../../sandboxes/sharedUrls.ts';
import type { WindowArrangement } from './arrangement.ts';
import { itemOf, lookOf } from './items.ts';
import { accountIdOf, failureRow, isList, Lists, type ListNode, type ListsOptions } from './lists.ts';
import type { AccountNode, HiddenNode, Node, SandboxNode, SnapshotsNode } from './nodes.ts';
import { Rows, type Changed } from './rows.ts';

/** Many answers may arrive at once: one drawing is enough for them. */
const redrawMs = 50;

export interface TreeOptions extends ListsOptions {
  readonly fleet: Fleet;
  readonly urls: Pick<SharedUrls, 'of' | 'onDidChange'>;
  readonly forwards: Pick<Forwards, 'of' | 'onDidChange'>;
  readonly arrangement: Pick<WindowArrangement, 'current' | 'onDidChange'>;
}

/** The rows of the explorer: accounts, their sandboxes, and the sessions of those that run. */
export class Tree implements vscode.TreeDataProvider<Node>, Disposable {
  readonly #fleet: Fleet;
  readonly #urls: TreeOptions['urls'];
  readonly #forwards: TreeOptions['forwards'];
  readonly #arrangement: TreeOptions['arrangement'];
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<Node[] | undefined>());
  readonly #redraw = this.#store.add(new Alarm());
  readonly #rows = new Rows(lookOf);
  readonly #lists: Lists;
  /** The IDs of the accounts whose rows are not shown. */
  readonly #collapsed = new Set<string>();
  readonly onDidChangeTreeData = this.#changed.event;
  #visible = false;

  constructor(options: TreeOptions) {
    const { fleet, sessions, snapshots, urls, forwards, arrangement } = options;
    this.#fleet = fleet;
    this.#urls = urls;
    this.#forwards = forwards;
    this.#arrangement = arrangement;
    this.#lists = new Lists(options, () => this.redraw());
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

  /** Starts and stops the reading of open lists: nothing is asked while the view is hidden. */
  setVisible(visible: boolean): void {
    this.#visible = visible;
    this.readAgain();
  }

  /** Reads the sessions and the snapshots that are shown once more, and draws what looks different by now. */
  readAgain(): void {
    this.redraw();
    if (!this.#visible) return;
    for (const row of this.#openLists()) if (this.#isShown(row)) void this.#lists.read(row, 'list');
  }

  /** Call when a row is expanded: VS Code keeps what it has shown below an account, however old that is. */
  expanded(node: Node): void {
    if (node.kind !== 'account') return;
    const { id } = node.view.account;
    this.#collapsed.delete(id);
    for (const row of this.#openLists()) {
      if (accountIdOf(row) === id && this.#isShown(row)) void this.#lists.read(row, 'refresh');
    }
  }

  /** Call when a row is collapsed: a list is read again when it is opened the next time. */
  collapsed(node: Node): void {
    if (node.kind === 'account') this.#collapsed.add(node.view.account.id);
    if (!isList(node)) return;
    this.#lists.close(node);
    this.#fire(this.#rows.askAgain(node));
  }

  getTreeItem(node: Node): vscode.TreeItem {
    this.#rows.drawn(node);
    // When it runs again its sessions are others.
    if (node.kind === 'sandbox' && node.sandbox.state !== 'running') this.#lists.forget(node);
    // VS Code forgets which rows were open below one that it draws while it is collapsed.
    if (node.kind === 'account' && this.#collapsed.has(node.view.account.id)) this.#closeAll(node);
    return itemOf(node);
  }

  /** What was read before is shown until it is read again: rows that go and come back would lose a click. */
  async getChildren(parent?: Node): Promise<Node[]> {
    // What is below an account that is collapsed is not asked for.
    if (parent?.kind === 'account') this.#collapsed.delete(parent.view.account.id);
    if (parent && isList(parent)) await this.#lists.open(parent);
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
    return [...ports, ...this.#lists.rowsOf(parent)];
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

  /** The lists that are open, also in an account that is collapsed. */
  #openLists(): ListNode[] {
    return this.#rows.all().filter((row): row is ListNode => isList(row) && this.#lists.isOpen(row));
  }

  #closeAll({ view }: AccountNode): void {
    for (const row of this.#openLists()) if (accountIdOf(row) === view.account.id) this.#lists.close(row);
  }

  #isShown(row: ListNode): boolean {
    const accountId = accountIdOf(row);
    return !this.#collapsed.has(accountId) && !this.#isRefused(accountId);
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

const hiddenRow = ({ account, sandboxes }: AccountView): HiddenNode => ({
  kind: 'hidden',
  accountId: account.id,
  count: sandboxes.length,
});
