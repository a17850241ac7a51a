import type * as vscode from 'vscode';
import type { Labels } from '../sandboxes/labels.ts';

const storageKey = 'labels';

/** The user's names for sandboxes, kept with the editor. */
export class StoredLabels implements Labels {
  readonly #storage: vscode.Memento;

  constructor(storage: vscode.Memento) {
    this.#storage = storage;
  }

  get(key: string): string | undefined {
    return this.#all()[key];
  }

  async set(key: string, label: string | undefined): Promise<void> {
    const { [key]: _, ...others } = this.#all();
    await this.#storage.update(storageKey, label === undefined ? others : { ...others, [key]: label });
  }

  async keep(accountId: string, keys: ReadonlySet<string>): Promise<void> {
    const labels = Object.entries(this.#all());
    const kept = labels.filter(([key]) => keys.has(key) || !key.startsWith(`${accountId}/`));
    if (kept.length < labels.length) await this.#storage.update(storageKey, Object.fromEntries(kept));
  }

  #all(): Record<string, string> {
    return this.#storage.get<Record<string, string>>(storageKey, {});
  }
}
