import { Emitter } from '../common/event.ts';
import { sleep } from '../common/time.ts';
import { ProviderError } from './errors.ts';

/** How long a list counts as fresh after its reading began, in milliseconds. */
const freshMs = 15_000;

/** Lists by key that are read on demand, and not again for a while. */
export class FreshLists<T> {
  readonly #readings = new Map<string, Reading<T>>();
  readonly #changed = new Emitter<void>();
  /** Fires when a list that is shown should be read again. */
  readonly onDidChange = this.#changed.event;

  /**
   * The list as it was read a moment ago, else as `read` answers it; a list is never read twice at once. A failure is
   * kept only where the service has said how long it is to be left alone, and for that time.
   */
  get(key: string, read: () => Promise<readonly T[]>): Promise<readonly T[]> {
    const known = this.#readings.get(key);
    if (known?.isGood) return known.list;
    const reading = new Reading(read, known);
    this.#readings.set(key, reading);
    reading.list.catch((thrown: unknown) => this.#failed(key, reading, thrown));
    return reading.list;
  }

  /** The list as `read` answers it now, however fresh the known one is. */
  refresh(key: string, read: () => Promise<readonly T[]>): Promise<readonly T[]> {
    this.#readings.get(key)?.forget();
    return this.get(key, read);
  }

  /** Has one list, or all, read again at the next demand. */
  forget(key?: string): void {
    for (const [one, reading] of this.#readings) if (key === undefined || key === one) reading.forget();
    this.#changed.fire();
  }

  async #failed(key: string, reading: Reading<T>, thrown: unknown): Promise<void> {
    const { retryAfterMs } = ProviderError.from(thrown);
    if (retryAfterMs === undefined) return;
    await sleep(retryAfterMs);
    if (this.#readings.get(key) !== reading) return;
    // A timer may be a little early.
    reading.forget();
    this.#changed.fire();
  }
}

/** One reading of a list. */
class Reading<T> {
  readonly list: Promise<readonly T[]>;
  #hasBegun = false;
  #isOver = false;
  #isForgotten = false;
  /** By the monotonic clock. */
  #goodUntil = Infinity;

  /** @param before Has to be over before this one begins */
  constructor(read: () => Promise<readonly T[]>, before: Reading<T> | undefined) {
    const begin = () => this.#read(read);
    this.list = before && !before.#isOver ? before.list.then(begin, begin) : begin();
  }

  get isGood(): boolean {
    return !this.#isForgotten && performance.now() < this.#goodUntil;
  }

  /** What has not begun yet will see whatever has changed. */
  forget(): void {
    this.#isForgotten ||= this.#hasBegun;
  }

  async #read(read: () => Promise<readonly T[]>): Promise<readonly T[]> {
    this.#hasBegun = true;
    const begunAt = performance.now();
    try {
      const list = await read();
      this.#goodUntil = begunAt + freshMs;
      return list;
    } catch (thrown) {
      this.#goodUntil = performance.now() + (ProviderError.from(thrown).retryAfterMs ?? 0);
      throw thrown;
    } finally {
      this.#isOver = true;
    }
  }
}
