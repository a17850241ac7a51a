import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../common/disposable.ts';
import { describeArrangement } from '../../sandboxes/arrange.ts';
import type { Fleet } from '../../sandboxes/fleet.ts';
import type { PortForward } from '../../sandboxes/forwards.ts';
import type { Sandbox } from '../../sandboxes/sandbox.ts';
import type { WindowArrangement } from './arrangement.ts';
import type { Node, SandboxNode } from './nodes.ts';
import type { Tree } from './tree.ts';

/** The words `4 min left` grow old by themselves, and so do the sessions. */
const clockMs = 30_000;

const viewId = 'sandboxExplorer';

/** The explorer's view in the sidebar: it tells the fleet when somebody looks, and counts what runs. */
export class ExplorerView implements Disposable {
  readonly #tree: Tree;
  readonly #fleet: Fleet;
  readonly #store = new DisposableStore();
  readonly #view: vscode.TreeView<Node>;

  constructor(tree: Tree, fleet: Fleet, arrangement: WindowArrangement) {
    this.#tree = tree;
    this.#fleet = fleet;
    this.#view = this.#store.add(
      vscode.window.createTreeView(viewId, {
        treeDataProvider: tree,
        showCollapseAll: true,
        canSelectMany: true,
      }),
    );
    this.#store.add(this.#view.onDidChangeVisibility(({ visible }) => this.#setVisible(visible)));
    this.#store.add(this.#view.onDidExpandElement(({ element }) => tree.expanded(element)));
    this.#store.add(this.#view.onDidCollapseElement(({ element }) => tree.collapsed(element)));
    this.#store.add(fleet.onDidChange(() => this.#count()));
    this.#store.add(arrangement.onDidChange(() => this.#tellFilter(arrangement)));
    this.#tellFilter(arrangement);
    const clock = setInterval(() => tree.readAgain(), clockMs);
    this.#store.add({ dispose: () => clearInterval(clock) });
    this.#setVisible(this.#view.visible);
  }

  /** Calls back once, when somebody looks at the view for the first time. */
  onFirstSight(listener: () => void): Disposable {
    if (this.#view.visible) listener();
    if (this.#view.visible) return { dispose: () => undefined };
    const subscription = this.#view.onDidChangeVisibility(() => {
      subscription.dispose();
      listener();
    });
    return subscription;
  }

  /** The rows that are selected, as far as they are seen: a view that is hidden keeps its selection. */
  get selection(): readonly Node[] {
    return this.#view.visible ? this.#view.selection : [];
  }

  /** The row of a sandbox; nothing before its account was first used. */
  nodeOf(sandbox: Sandbox): SandboxNode | undefined {
    return this.#tree.sandboxNode(sandbox);
  }

  /** Selects a sandbox's row, if it is there, without taking the focus from where the user is. Never rejects. */
  async reveal(sandbox: Sandbox): Promise<void> {
    await this.#reveal(this.#tree.sandboxNode(sandbox), { select: true });
  }

  /** Shows the row of a port that is forwarded. It is not selected: its icons would hide its address. */
  async revealForward(sandbox: Sandbox, forward: PortForward): Promise<void> {
    await this.#reveal({ kind: 'forward', sandbox, forward }, { select: false });
  }

  /** Reads all lists, with a bar on top of the view that tells so. */
  async refresh(): Promise<void> {
    await vscode.window.withProgress({ location: { viewId } }, () => this.#fleet.refresh());
  }

  dispose(): void {
    this.#fleet.setVisible(false);
    this.#store.dispose();
  }

  async #reveal(node: Node | undefined, how: { readonly select: boolean }): Promise<void> {
    if (!node || !this.#view.visible) return;
    this.#tree.redrawNow();
    // The sandbox may be gone by then, and with it the row.
    await this.#view.reveal(node, { ...how, focus: false }).then(undefined, () => undefined);
  }

  #setVisible(visible: boolean): void {
    this.#fleet.setVisible(visible);
    this.#tree.setVisible(visible);
    // An empty view has nothing else to tell that a list is being read.
    const isFirst = this.#fleet.views().every(({ listedAt, error }) => listedAt === undefined && !error);
    if (visible && isFirst) void this.refresh();
  }

  /** Above the rows: the description of a view that is alone in its container is not shown. */
  #tellFilter({ current }: WindowArrangement): void {
    const filter = describeArrangement(current);
    this.#view.message = filter ? `Filter: ${filter}` : '';
  }

  #count(): void {
    const sandboxes = this.#fleet.views().flatMap((view) => view.sandboxes);
    const running = sandboxes.filter(({ state }) => state === 'running').length;
    const tooltip = `${running} running ${running === 1 ? 'sandbox' : 'sandboxes'}`;
    this.#view.badge = running > 0 ? { value: running, tooltip } : undefined;
  }
}
