import type { Disposable } from '../common/disposable.ts';
import { forEachOf } from '../common/pool.ts';
import type { SandboxRecord } from './sandbox.ts';

/** Requests that one list may cause at the most: the rest is read after the lists to come. */
const readsPerList = 25;
const readsAtOnce = 4;

/** Fetches what a list does not carry, once for every sandbox that is new or has changed its state. */
export class DetailReader implements Disposable {
  readonly #ask: (id: string, signal?: AbortSignal) => Promise<void>;
  readonly #lacks: (id: string) => boolean;
  readonly #failures = new Map<string, number>();
  #stop = new AbortController();
  #reading = false;

  /** @param lacks Whether nobody has read the sandbox's details yet, neither here nor in another window. */
  constructor(ask: (id: string, signal?: AbortSignal) => Promise<void>, lacks: (id: string) => boolean) {
    this.#ask = ask;
    this.#lacks = lacks;
  }

  /** Reads the details that this list lacks, unless an earlier list's are still being read. Never rejects. */
  async read(list: readonly SandboxRecord[]): Promise<void> {
    if (this.#reading) return;
    this.#forgetAllBut(list);
    const missing = list
      .filter(({ id }) => this.#lacks(id))
      // One that cannot be read must not keep the others from their turn; the newest stand first in the explorer.
      .toSorted(
        (a, b) => this.#failuresOf(a) - this.#failuresOf(b) || (b.createdAt ?? 0) - (a.createdAt ?? 0),
      )
      .slice(0, readsPerList);
    this.#reading = true;
    await forEachOf(missing, readsAtOnce, (record) => this.#read(record), this.#stop.signal);
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

  async #read({ id }: SandboxRecord): Promise<void> {
    if (!this.#lacks(id)) return;
    // A detail that cannot be read is not worth an error of its own: a later list tries again.
    await this.#ask(id, this.#stop.signal).catch(() => this.#failures.set(id, this.#failuresOf({ id }) + 1));
  }

  #failuresOf({ id }: Pick<SandboxRecord, 'id'>): number {
    return this.#failures.get(id) ?? 0;
  }

  #forgetAllBut(list: readonly SandboxRecord[]): void {
    const listed = new Set(list.map(({ id }) => id));
    for (const id of this.#failures.keys()) if (!listed.has(id)) this.#failures.delete(id);
  }
}
