import * as vscode from 'vscode';
import type { Disposable } from '../common/disposable.ts';
import { timeLeft } from '../sandboxes/describe.ts';
import { accessibleLabel, stateIcon } from './explorer/items.ts';
import type { SandboxNode } from './explorer/nodes.ts';
import { tooltip } from './explorer/tooltip.ts';
import { message } from './message.ts';

/** The words `4 min left` grow old by themselves. */
const clockMs = 15_000;

/** A sandbox in the status bar: its name, state and time left. A click offers what can be done with it. */
export class SandboxStatus implements Disposable {
  readonly #item: vscode.StatusBarItem;
  #clock: NodeJS.Timeout | undefined;

  /** @param name What the menu of the status bar calls it. */
  constructor(id: string, name: string, priority: number) {
    this.#item = vscode.window.createStatusBarItem(id, vscode.StatusBarAlignment.Left, priority);
    this.#item.name = name;
  }

  show(node: SandboxNode | undefined): void {
    clearInterval(this.#clock);
    if (!node) return this.#item.hide();
    this.#clock = setInterval(() => this.#draw(node), clockMs);
    this.#draw(node);
    this.#item.show();
  }

  /** Tells that a sandbox is no more. */
  showGone(name: string): void {
    clearInterval(this.#clock);
    const text = `${message(name)} · no longer exists`;
    this.#item.text = `$(circle-slash) ${text}`;
    this.#item.tooltip = undefined;
    this.#item.accessibilityInformation = { label: `Sandbox ${text.replace(' ·', ',')}` };
    this.#item.command = undefined;
    this.#item.show();
  }

  dispose(): void {
    clearInterval(this.#clock);
    this.#item.dispose();
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
