import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../common/disposable.ts';
import { timeLeft } from '../../sandboxes/describe.ts';
import type { Fleet } from '../../sandboxes/fleet.ts';
import type { Sandbox } from '../../sandboxes/sandbox.ts';
import { accessibleLabel, stateIcon } from '../explorer/items.ts';
import type { SandboxNode } from '../explorer/nodes.ts';
import { tooltip } from '../explorer/tooltip.ts';
import { message } from '../message.ts';
import type { TerminalTabs } from './terminalTabs.ts';

/** The words `4 min left` grow old by themselves. */
const clockMs = 15_000;

/** Tells in the status bar in which sandbox the terminal in front is. It asks no service: it shows what is known. */
export class TerminalStatus implements Disposable {
  readonly #fleet: Fleet;
  readonly #tabs: TerminalTabs;
  readonly #nodeOf: (sandbox: Sandbox) => SandboxNode | undefined;
  readonly #store = new DisposableStore();
  readonly #item = this.#store.add(
    vscode.window.createStatusBarItem('sandbox', vscode.StatusBarAlignment.Left, 0),
  );
  #clock: NodeJS.Timeout | undefined;

  constructor(fleet: Fleet, tabs: TerminalTabs, nodeOf: (sandbox: Sandbox) => SandboxNode | undefined) {
    this.#fleet = fleet;
    this.#tabs = tabs;
    this.#nodeOf = nodeOf;
    this.#item.name = 'Sandbox of the Terminal';
    this.#store.add(vscode.window.onDidChangeActiveTerminal(() => this.#show()));
    this.#store.add(fleet.onDidChange(() => this.#show()));
  }

  dispose(): void {
    clearInterval(this.#clock);
    this.#store.dispose();
  }

  #show(): void {
    const tab = this.#tabs.sandboxOf(vscode.window.activeTerminal);
    const sandbox = tab && this.#fleet.find(tab.key);
    const node = sandbox && this.#nodeOf(sandbox);
    clearInterval(this.#clock);
    if (!node) return this.#item.hide();
    this.#clock = setInterval(() => this.#draw(node), clockMs);
    this.#draw(node);
    this.#item.show();
  }

  #draw(node: SandboxNode): void {
    const { sandbox } = node;
    const rest = timeLeft(sandbox, Date.now()) ?? sandbox.state;
    this.#item.text = `$(${stateIcon(sandbox.state).id}) ${message(sandbox.name)} · ${rest}`;
    this.#item.tooltip = tooltip(sandbox);
    this.#item.accessibilityInformation = { label: accessibleLabel(sandbox), role: 'button' };
    this.#item.command = {
      command: 'sandboxExplorer.showActions',
      title: 'Show Actions',
      arguments: [node],
    };
  }
}
