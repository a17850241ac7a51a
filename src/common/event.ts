import type { Disposable } from './disposable.ts';

/** Subscribes a listener; dispose the result to unsubscribe. Has the shape of VS Code's `Event`. */
export type Event<T> = (listener: (value: T) => void) => Disposable;

/** An event source. A listener that throws does not keep the others from being told. */
export class Emitter<T> implements Disposable {
  readonly #listeners = new Set<(value: T) => void>();

  readonly event: Event<T> = (listener) => {
    const registered = (value: T) => listener(value);
    this.#listeners.add(registered);
    return { dispose: () => this.#listeners.delete(registered) };
  };

  fire(value: T): void {
    const failures: unknown[] = [];
    for (const listener of Array.from(this.#listeners)) {
      try {
        listener(value);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  dispose(): void {
    this.#listeners.clear();
  }
}
