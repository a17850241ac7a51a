import type { Disposable } from '../common/disposable.ts';
import { Emitter } from '../common/event.ts';
import { sleep } from '../common/time.ts';
import { ProviderError } from './errors.ts';
import type { Belief } from './ledger.ts';
import { isTransition } from './sandbox.ts';

const delayMs = { first: 1_000, growth: 1.5, max: 10_000 };
const failuresBeforeGivingUp = 5;
/** A window that asks for a sandbox does so at least every `delayMs.max`: after this time it must be gone. */
const othersPatienceMs = 15_000;

/**
 * Asks again and again for the sandboxes that are in transition, each on its own and ever more slowly, as long as
 * somebody looks or waits. What another window has told, that window goes on asking for.
 */
export class Watcher implements Disposable {
  readonly #ask: (id: string, signal?: AbortSignal) => Promise<void>;
  readonly #look: (id: string) => Belief | undefined;
  readonly #followed = new Map<string, AbortController>();
  readonly #waiting = new Map<string, number>();
  readonly #stopped = new Emitter<{ id: string; error: ProviderError | undefined }>();
  readonly #end = new AbortController();
  #visible = false;

  /** @param ask Reads one sandbox again; after it `look` tells what is known now, or nothing when it is gone. */
  constructor(
    ask: (id: string, signal?: AbortSignal) => Promise<void>,
    look: (id: string) => Belief | undefined,
  ) {
    this.#ask = ask;
    this.#look = look;
  }

  setVisible(visible: boolean): void {
    this.#visible = visible;
  }

  /** Watches these sandboxes, and no others. */
  watch(ids: readonly string[]): void {
    const wanted = new Set(ids);
    for (const id of this.#followed.keys()) if (!wanted.has(id)) this.#leave(id);
    for (const id of ids) this.#start(id);
  }

  /** Resolves when the sandbox is in no transition; rejects when it cannot be read, on the signal, and at the end. */
  async settled(id: string, cancelled?: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([this.#end.signal, ...(cancelled ? [cancelled] : [])]);
    this.#waiting.set(id, (this.#waiting.get(id) ?? 0) + 1);
    try {
      while (this.#isMoving(id)) {
        signal.throwIfAborted();
        const stopped = this.#nextStop(id, signal);
        this.#start(id);
        await stopped;
      }
    } finally {
      const others = (this.#waiting.get(id) ?? 1) - 1;
      if (others > 0) this.#waiting.set(id, others);
      else this.#waiting.delete(id);
    }
  }

  dispose(): void {
    this.watch([]);
    this.#end.abort(new ProviderError('cancelled', 'The account was closed.'));
    this.#stopped.dispose();
  }

  #start(id: string): void {
    if (!this.#followed.has(id) && this.#isWanted(id)) void this.#follow(id);
  }

  #leave(id: string): void {
    this.#followed.get(id)?.abort();
    this.#followed.delete(id);
  }

  async #follow(id: string): Promise<void> {
    const follower = new AbortController();
    this.#followed.set(id, follower);
    const error = await this.#askUntilSettled(id, follower.signal);
    if (this.#followed.get(id) === follower) this.#followed.delete(id);
    this.#stopped.fire({ id, error: this.#isMoving(id) ? error : undefined });
  }

  /** Answers the last failure when too many of them follow each other, and a refusal of the key at once. */
  async #askUntilSettled(id: string, signal: AbortSignal): Promise<ProviderError | undefined> {
    let failures = 0;
    let quietMs = 0;
    for (let delay = delayMs.first; this.#isMoving(id) && this.#isWanted(id);) {
      const before = this.#look(id)?.trueAt;
      try {
        await sleep(delay, signal);
        quietMs = this.#look(id)?.trueAt === before ? quietMs + delay : 0;
        if (this.#isOurTurn(id, quietMs)) await this.#ask(id, signal);
        failures = 0;
      } catch (thrown) {
        const error = ProviderError.from(thrown);
        // A refusal also ends the following, so it has aborted this signal; a wait that did not hear of it would ask on.
        if (error.kind === 'unauthorized') return error;
        if (signal.aborted) return undefined;
        if (++failures >= failuresBeforeGivingUp) return error;
      }
      delay = Math.min(delayMs.max, delay * delayMs.growth);
    }
    return undefined;
  }

  #isOurTurn(id: string, quietMs: number): boolean {
    if (quietMs === 0 || !this.#isWanted(id)) return false;
    const patience = this.#look(id)?.heard && !this.#waiting.has(id) ? othersPatienceMs : 0;
    return quietMs >= patience;
  }

  #nextStop(id: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void) => {
        subscription.dispose();
        signal.removeEventListener('abort', abort);
        settle();
      };
      const abort = () => finish(() => reject(ProviderError.from(signal.reason)));
      const subscription = this.#stopped.event((stop) => {
        if (stop.id !== id) return;
        finish(() => (stop.error ? reject(stop.error) : resolve()));
      });
      signal.addEventListener('abort', abort, { once: true });
    });
  }

  #isMoving(id: string): boolean {
    const state = this.#look(id)?.state;
    return state !== undefined && isTransition(state);
  }

  #isWanted(id: string): boolean {
    return this.#visible || this.#waiting.has(id);
  }
}
