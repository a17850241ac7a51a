import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../common/disposable.ts';
import { Alarm } from '../../common/time.ts';
import { accountActions } from '../../sandboxes/accountActions.ts';
import type { AccountView } from '../../sandboxes/account.ts';
import { arrange } from '../../sandboxes/arrange.ts';
import { explain, ProviderError } from '../../sandboxes/errors.ts';
import type { Fleet } from '../../sandboxes/fleet.ts';
import type { Forwards } from '../../sandboxes/forwards.ts';
import type { Sandbox } from '../../sandboxes/sandbox.ts';
import type { Sessions } from '../../sandboxes/sessions.ts';
import type { SharedUrls } from '../../sandboxes/sharedUrls.ts';
import type { SnapshotLists } from '../../sandboxes/snapshotLists.ts';
import { SettingError } from '../settings.ts';
import type { WindowArrangement } from './arrangement.ts';
import { itemOf } from './items.ts';
import type { AccountNode, FailureNode, HiddenNode, Node, SandboxNode, SnapshotsNode } from './nodes.ts';

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
  readonly #changed = this.#store.add(new vscode.EventEmitter<undefined>());
  readonly #redraw = this.#store.add(new Alarm());
  readonly onDidChangeTreeData = this.#changed.event;

  constructor({ fleet, sessions, snapshots, urls, forwards, arrangement, isAttached }: TreeOptions) {
    this.#fleet = fleet;
    this.#sessions = sessions;
    this.#snapshots = snapshots;
    this.#urls = urls;
    this.#forwards = forwards;
    this.#arrangement = arrangement;
    this.#isAttached = isAttached;
    for (const { onDidChange } of [fleet, sessions, snapshots, urls, forwards, arrangement]) {
      this.#store.add(onDidChange(() => this.redraw()));
    }
  }

  redraw(): void {
    // Arming it again would put it off for ever while answers keep coming.
    if (!this.#redraw.isSet) this.#redraw.set(redrawMs, () => this.#changed.fire(undefined));
  }

  /** Draws what is due at once: a row that VS Code has not heard of cannot be revealed. */
  redrawNow(): void {
    this.#redraw.clear();
    this.#changed.fire(undefined);
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return itemOf(node);
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (!node) return this.#accounts();
    if (node.kind === 'account') return this.#accountRows(node);
    if (node.kind === 'sandbox') return [...this.#portRows(node), ...(await this.#sessionRows(node))];
    if (node.kind === 'snapshots') return this.#snapshotRows(node);
    return [];
  }

  getParent(node: Node): Node | undefined {
    if (node.kind === 'account') return undefined;
    if (node.kind === 'session' || node.kind === 'url' || node.kind === 'forward') {
      return this.sandboxNode(node.sandbox);
    }
    if (node.kind === 'snapshot') return { kind: 'snapshots', accountId: node.accountId };
    const accountId = 'sandbox' in node ? node.sandbox.accountId : node.accountId;
    const view = this.#fleet.views().find(({ account }) => account.id === accountId);
    return view && this.#accountNode(view);
  }

  sandboxNode(sandbox: Sandbox): SandboxNode | undefined {
    const { provider } = this.#fleet.account(sandbox.accountId).view();
    return provider && { kind: 'sandbox', sandbox, provider };
  }

  dispose(): void {
    this.#store.dispose();
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

  async #snapshotRows({ accountId }: SnapshotsNode): Promise<Node[]> {
    try {
      const snapshots = await this.#snapshots.list(accountId);
      return snapshots.map((snapshot) => ({ kind: 'snapshot', accountId, snapshot }));
    } catch (thrown) {
      return [failureRow(accountId, `snapshots:${accountId}`, thrown)];
    }
  }

  async #sessionRows({ sandbox, provider }: SandboxNode): Promise<Node[]> {
    try {
      const sessions = await this.#sessions.list(sandbox);
      return sessions.map((session) => ({
        kind: 'session',
        sandbox,
        session,
        attached: this.#isAttached(sandbox, session.id),
        hasUrl: provider.terminals?.websocketUrl !== undefined,
      }));
    } catch (thrown) {
      return [failureRow(sandbox.accountId, sandbox.key, thrown)];
    }
  }
}

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
