import * as vscode from 'vscode';
import type { Disposable } from '../common/disposable.ts';
import type { Log } from '../common/log.ts';
import type { Redactor } from '../common/redactor.ts';

/** The "Sandbox Explorer" output channel; nothing reaches it without passing the redactor. */
export class WindowLog implements Log, Disposable {
  readonly #channel = vscode.window.createOutputChannel('Sandbox Explorer', { log: true });
  readonly #redactor: Redactor;

  constructor(redactor: Redactor) {
    this.#redactor = redactor;
  }

  debug(message: string): void {
    this.#channel.debug(this.#redactor.clean(message));
  }

  info(message: string): void {
    this.#channel.info(this.#redactor.clean(message));
  }

  warn(message: string): void {
    this.#channel.warn(this.#redactor.clean(message));
  }

  error(message: string): void {
    this.#channel.error(this.#redactor.clean(message));
  }

  /** Masks a secret wherever it appears from now on. */
  hide(secret: string): void {
    this.#redactor.hide(secret);
  }

  show(): void {
    this.#channel.show();
  }

  dispose(): void {
    this.#channel.dispose();
  }
}
