import type { Disposable } from '../common/disposable.ts';
import { Emitter } from '../common/event.ts';
import { sleep } from '../common/time.ts';
import { ProviderError } from './errors.ts';
import { isTransition, type SandboxState } from './sandbox.ts';

const delayMs = { first: 1_000, growth: 1.5, max: 10_000 };
const failuresBeforeGivingUp = 5;

/**
 * Asks again and again for the sandboxes that are in transition, each on its own and ever more slowly, as long as
 * somebody looks or waits.
 */
export class Watcher implements Disposable {
  readonly #ask: (id: string, signal?: AbortSignal) => Promise<void>;
  readonly #stateOf: (id: string) => SandboxState | undefined;
  readonly #watched = new Set<string>();
  readonly #waiting = new Map<string, number>();
  readonly #stopped = new Emitter<{ id: string; error: ProviderError | undefined }>();
  readonly #end = new AbortController();
  #visible = false;

  /** @param ask Reads one sandbox again; after it `stateOf` tells its new state, or nothing when it is gone. */
  constructor(
    ask: (id: string, signal?: AbortSignal) => Promise<void>,
    stateOf: (id: string) => SandboxState | undefined,
  ) {
    this.#ask = ask;
    this.#stateOf = stateOf;
  }

  setVisible(visible: boolean): void {
    this.#visible = visible;
  }

  watch(ids: readonly string[]): void {
    for (const id of ids) if (!this.#watched.has(id) && this.#isWanted(id)) void this.#follow(id);
  }

  /** Resolves when the sandbox is in no transition; rejects when it cannot be read, or on the signal. */
  async settled(id: string, signal?: AbortSignal): Promise<void> {
    this.#waiting.set(id, (this.#waiting.get(id) ?? 0) + 1);
    try {
      while (this.#isMoving(id)) {
        signal?.throwIfAborted();
        const stopped = this.#nextStop(id, signal);
        this.watch([id]);
        await stopped;
      }
    } finally {
      const others = (this.#waiting.get(id) ?? 1) - 1;
      if (others > 0) this.#waiting.set(id, others);
      else this.#waiting.delete(id);
    }
  }

  dispose(): void {
    this.#end.abort(new ProviderError('cancelled', 'The window is closing.'));
    this.#stopped.dispose();
  }

  async #follow(id: string): Promise<void> {
    this.#watched.add(id);
    let failures = 0;
    let error: ProviderError | undefined;
    for (let delay = delayMs.first; this.#isMoving(id) && this.#isWanted(id);) {
      try {
        await sleep(delay, this.#end.signal);
        if (!this.#isWanted(id)) break;
        await this.#ask(id, this.#end.signal);
        failures = 0;
      } catch (thrown) {
        error = ProviderError.from(thrown);
        if (this.#end.signal.aborted || ++failures >= failuresBeforeGivingUp) break;
      }
      delay = Math.min(delayMs.max, delay * delayMs.growth);
    }
    this.#watched.delete(id);
    this.#stopped.fire({ id, error: this.#isMoving(id) ? error : undefined });
  }

  #nextStop(id: string, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void) => {
        subscription.dispose();
        signal?.removeEventListener('abort', abort);
        settle();
      };
      const abort = () => finish(() => reject(ProviderError.from(signal?.reason)));
      const subscription = this.#stopped.event((stop) => {
        if (stop.id !== id) return;
        finish(() => (stop.error ? reject(stop.error) : resolve()));
      });
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  #isMoving(id: string): boolean {
    const state = this.#stateOf(id);
    return state !== undefined && isTransition(state);
  }

  #isWanted(id: string): boolean {
    return this.#visible || this.#waiting.has(id);
  }
}
