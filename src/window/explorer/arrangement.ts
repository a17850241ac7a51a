import * as vscode from 'vscode';
import type { Disposable } from '../../common/disposable.ts';
import { Emitter } from '../../common/event.ts';
import { describeArrangement, everything, type Arrangement } from '../../sandboxes/arrange.ts';

const storageKey = 'arrangement';

/**
 * What of the fleet this window shows, and in which order. It is kept with the workspace: what was filtered for one
 * project hides nothing in the window of another.
 */
export class WindowArrangement implements Disposable {
  readonly #storage: vscode.Memento;
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;
  #current: Arrangement;

  constructor(storage: vscode.Memento) {
    this.#storage = storage;
    this.#current = { ...everything, ...storage.get<Partial<Arrangement>>(storageKey) };
    this.#tellMenus();
  }

  get current(): Arrangement {
    return this.#current;
  }

  /** Shows what a change would look like, without keeping it. */
  preview(change: Partial<Arrangement>): void {
    this.#current = { ...this.#current, ...change };
    this.#tellMenus();
    this.#changed.fire();
  }

  async change(change: Partial<Arrangement>): Promise<void> {
    this.preview(change);
    await this.#storage.update(storageKey, this.#current);
  }

  dispose(): void {
    this.#changed.dispose();
  }

  #tellMenus(): void {
    tellMenus('isFiltered', describeArrangement(this.#current) !== undefined);
    tellMenus('hidesStopped', this.#current.hideStopped);
  }
}

const tellMenus = (name: string, value: boolean) =>
  void vscode.commands.executeCommand('setContext', `sandboxExplorer.${name}`, value);
