import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../common/disposable.ts';
import type { Fleet } from '../../sandboxes/fleet.ts';
import type { Sandbox } from '../../sandboxes/sandbox.ts';
import type { Node } from './nodes.ts';
import type { Tree } from './tree.ts';

/** The words `4 min left` grow old by themselves. */
const clockMs = 30_000;

/** The explorer's view in the sidebar: it tells the fleet when somebody looks, and counts what runs. */
export class ExplorerView implements Disposable {
  readonly #tree: Tree;
  readonly #fleet: Fleet;
  readonly #store = new DisposableStore();
  readonly #view: vscode.TreeView<Node>;

  constructor(tree: Tree, fleet: Fleet) {
    this.#tree = tree;
    this.#fleet = fleet;
    this.#view = this.#store.add(
      vscode.window.createTreeView('sandboxExplorer', { treeDataProvider: tree, showCollapseAll: true }),
    );
    this.#store.add(this.#view.onDidChangeVisibility(({ visible }) => fleet.setVisible(visible)));
    this.#store.add(fleet.onDidChange(() => this.#count()));
    const clock = setInterval(() => this.#view.visible && tree.redraw(), clockMs);
    this.#store.add({ dispose: () => clearInterval(clock) });
    fleet.setVisible(this.#view.visible);
  }

  get selection(): readonly Node[] {
    return this.#view.selection;
  }

  /** Selects a sandbox's row, if it is there, without taking the focus from where the user is. Never rejects. */
  async reveal(sandbox: Sandbox): Promise<void> {
    const node = this.#tree.sandboxNode(sandbox);
    if (!node || !this.#view.visible) return;
    this.#tree.redrawNow();
    // The sandbox may be gone by then, and with it the row.
    await this.#view.reveal(node, { select: true, focus: false }).then(undefined, () => undefined);
  }

  dispose(): void {
    this.#fleet.setVisible(false);
    this.#store.dispose();
  }

  #count(): void {
    const sandboxes = this.#fleet.views().flatMap((view) => view.sandboxes);
    const running = sandboxes.filter(({ state }) => state === 'running').length;
    const tooltip = `${running} running ${running === 1 ? 'sandbox' : 'sandboxes'}`;
    this.#view.badge = running > 0 ? { value: running, tooltip } : undefined;
  }
}
