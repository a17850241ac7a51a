import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../common/disposable.ts';
import type { Fleet } from '../../sandboxes/fleet.ts';
import type { Sandbox } from '../../sandboxes/sandbox.ts';
import type { SandboxNode } from '../explorer/nodes.ts';
import { SandboxStatus } from '../sandboxStatus.ts';
import type { TerminalTabs } from './terminalTabs.ts';

/** Tells in the status bar in which sandbox the terminal in front is. It asks no service: it shows what is known. */
export class TerminalStatus implements Disposable {
  readonly #fleet: Fleet;
  readonly #tabs: TerminalTabs;
  readonly #nodeOf: (sandbox: Sandbox) => SandboxNode | undefined;
  readonly #store = new DisposableStore();
  readonly #status = this.#store.add(new SandboxStatus('sandbox', 'Sandbox of the Terminal', 0));

  constructor(fleet: Fleet, tabs: TerminalTabs, nodeOf: (sandbox: Sandbox) => SandboxNode | undefined) {
    this.#fleet = fleet;
    this.#tabs = tabs;
    this.#nodeOf = nodeOf;
    this.#store.add(vscode.window.onDidChangeActiveTerminal(() => this.#show()));
    this.#store.add(fleet.onDidChange(() => this.#show()));
  }

  dispose(): void {
    this.#store.dispose();
  }

  #show(): void {
    const tab = this.#tabs.sandboxOf(vscode.window.activeTerminal);
    const sandbox = tab && this.#fleet.find(tab.key);
    this.#status.show(sandbox && this.#nodeOf(sandbox));
  }
}
