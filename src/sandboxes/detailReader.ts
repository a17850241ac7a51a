import type { Disposable } from '../common/disposable.ts';
import { isTransition, type SandboxRecord, type SandboxState } from './sandbox.ts';

/** Requests that one list may cause at the most: the rest is read after the lists to come. */
const readsPerList = 25;
const readsAtOnce = 4;

/** Fetches what a list does not carry, once for every sandbox that is new or has changed its state. */
export class DetailReader implements Disposable {
  readonly #ask: (id: string, signal?: AbortSignal) => Promise<void>;
  readonly #readIn = new Map<string, SandboxState>();
  readonly #failures = new Map<string, number>();
  #stop = new AbortController();
  #reading = false;

  constructor(ask: (id: string, signal?: AbortSignal) => Promise<void>) {
    this.#ask = ask;
  }

  /** Reads the details that this list lacks, unless an earlier list's are still being read. Never rejects. */
  async read(list: readonly SandboxRecord[]): Promise<void> {
    if (this.#reading) return;
    const missing = list
      .filter(({ id, state }) => !isTransition(state) && this.#readIn.get(id) !== state)
      // One that cannot be read must not keep the others from their turn.
      .toSorted((a, b) => (this.#failures.get(a.id) ?? 0) - (this.#failures.get(b.id) ?? 0))
      .slice(0, readsPerList);
    this.#forget(list);
    this.#reading = true;
    await Promise.all(Array.from({ length: readsAtOnce }, () => this.#work(missing)));
    this.#reading = false;
  }

  /** Leaves the rest for a later list. */
  stop(): void {
    this.#stop.abort();
    this.#stop = new AbortController();
  }

  dispose(): void {
    this.stop();
  }

  async #work(queue: SandboxRecord[]): Promise<void> {
    const { signal } = this.#stop;
    for (let record = queue.shift(); record && !signal.aborted; record = queue.shift()) {
      const { id, state } = record;
      // A detail that cannot be read is not worth an error of its own: a later list tries again.
      await this.#ask(id, signal).then(
        () => this.#readIn.set(id, state),
        () => this.#failures.set(id, (this.#failures.get(id) ?? 0) + 1),
      );
    }
  }

  #forget(list: readonly SandboxRecord[]): void {
    const listed = new Set(list.map(({ id }) => id));
    for (const known of [this.#readIn, this.#failures]) {
      for (const id of known.keys()) if (!listed.has(id)) known.delete(id);
    }
  }
}
