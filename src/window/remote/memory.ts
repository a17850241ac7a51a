import type * as vscode from 'vscode';

type WakeAnswer = 'always' | 'never';

/**
 * What the user has chosen and answered about SSH, in the editor's own storage: nothing of it is a secret, nor a fact
 * about the machine, since a browser has such a storage for each address.
 */
export class SshMemory {
  readonly #storage: vscode.Memento;

  constructor(storage: vscode.Memento) {
    this.#storage = storage;
  }

  /** Whether the user wants no line in their SSH config. */
  get declinesInclude(): boolean {
    return this.#storage.get('ssh.declinesInclude', false);
  }

  setDeclinesInclude(value: boolean): Thenable<void> {
    return this.#storage.update('ssh.declinesInclude', value || undefined);
  }

  /** The folder of a sandbox that was opened last. */
  folderOf(key: string): string | undefined {
    return this.#folders[key];
  }

  setFolder(key: string, folder: string): Thenable<void> {
    return this.#storage.update('ssh.folders', { ...this.#folders, [key]: folder });
  }

  forgetFolders(keys: readonly string[]): Thenable<void> {
    const left = Object.entries(this.#folders).filter(([key]) => !keys.includes(key));
    return this.#storage.update('ssh.folders', Object.fromEntries(left));
  }

  /** Whether an account's sandboxes may be woken for a reconnect; nothing until the user was asked. */
  wakeAnswer(accountId: string): WakeAnswer | undefined {
    return this.#wakeAnswers[accountId];
  }

  setWakeAnswer(accountId: string, answer: WakeAnswer): Thenable<void> {
    return this.#storage.update('ssh.wake', { ...this.#wakeAnswers, [accountId]: answer });
  }

  /** Whether the user has been told of an obstacle, and wants to go on all the same. */
  acceptsObstacle(id: string): boolean {
    return this.#obstacles.includes(id);
  }

  acceptObstacle(id: string): Thenable<void> {
    return this.#storage.update('ssh.obstacles', [...this.#obstacles, id]);
  }

  async forgetAll(): Promise<void> {
    const names = ['ssh.declinesInclude', 'ssh.folders', 'ssh.wake', 'ssh.obstacles'];
    await Promise.all(names.map((name) => this.#storage.update(name, undefined)));
  }

  get #folders(): Readonly<Record<string, string>> {
    return this.#storage.get('ssh.folders', {});
  }

  get #obstacles(): readonly string[] {
    return this.#storage.get('ssh.obstacles', []);
  }

  get #wakeAnswers(): Readonly<Record<string, WakeAnswer>> {
    return this.#storage.get('ssh.wake', {});
  }
}
