import type { Disposable } from '../common/disposable.ts';
import { isTransition, type SandboxRecord, type SandboxState } from './sandbox.ts';

/** Requests that one list may cause at the most: the rest is read after the lists to come. */
const readsPerList = 25;
const readsAtOnce = 4;

/** Fetches what a list does not carry, once for every sandbox that is new or has changed its state. */
export class DetailReader implements Disposable {
  readonly #ask: (id: string, signal?: AbortSignal) => Promise<void>;
  readonly #readIn = new Map<string, SandboxState>();
  readonly #end = new AbortController();
  #reading = false;

  constructor(ask: (id: string, signal?: AbortSignal) => Promise<void>) {
    this.#ask = ask;
  }

  /** Reads the details that this list lacks, unless an earlier list's are still being read. Never rejects. */
  async read(list: readonly SandboxRecord[]): Promise<void> {
    if (this.#reading) return;
    const missing = list
      .filter(({ id, state }) => !isTransition(state) && this.#readIn.get(id) !== state)
      .slice(0, readsPerList);
    this.#forget(list);
    this.#reading = true;
    await Promise.all(Array.from({ length: readsAtOnce }, () => this.#work(missing)));
    this.#reading = false;
  }

  dispose(): void {
    this.#end.abort();
  }

  async #work(queue: SandboxRecord[]): Promise<void> {
    for (let record = queue.shift(); record && !this.#end.signal.aborted; record = queue.shift()) {
      const { id, state } = record;
      // A detail that cannot be read is not worth an error of its own: the next list tries again.
      await this.#ask(id, this.#end.signal).then(
        () => this.#readIn.set(id, state),
        () => undefined,
      );
    }
  }

  #forget(list: readonly SandboxRecord[]): void {
    const listed = new Set(list.map(({ id }) => id));
    for (const id of this.#readIn.keys()) if (!listed.has(id)) this.#readIn.delete(id);
  }
}
