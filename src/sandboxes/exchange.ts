import type { Disposable } from '../common/disposable.ts';
import { Latest } from '../common/latest.ts';
import { Alarm, backOff } from '../common/time.ts';
import type { Ledger } from './ledger.ts';
import { addNews, addRefusal } from './news.ts';
import type { Board } from './sharing.ts';

/** Milliseconds until what could not be told is told again. */
const againMs = { base: 500, max: 60_000 };

/**
 * Keeps the ledgers that the windows have of one account in step: what one has read or changed, the others need not
 * ask for. Where nothing can be shared, nothing is heard, and the window works alone.
 */
export class Exchange implements Disposable {
  readonly #ledger: Ledger;
  readonly #open: () => Promise<Board>;
  readonly #hasHeardRefusal: () => void;
  readonly #telling = new Latest<void>(() => this.#tellNews(0));
  readonly #again = new Alarm();
  #failures = 0;
  #list: { readonly askedAt: number; readonly listedAt: number } | undefined;
  /** When a window was refused last; missing where a list has been read since. */
  #refusedAt: number | undefined;
  readonly #listeners = new Set<() => void>();
  #watch: Disposable | undefined;
  #disposed = false;

  /** @param hasHeardRefusal called when another window tells that the account's key is refused */
  constructor(ledger: Ledger, open: () => Promise<Board>, hasHeardRefusal: () => void) {
    this.#ledger = ledger;
    this.#open = open;
    this.#hasHeardRefusal = hasHeardRefusal;
  }

  /** When the newest list came, whichever window has read it; milliseconds since 1970. */
  get listedAt(): number | undefined {
    return this.#list?.listedAt;
  }

  /** Calls back when another window may have told something, until it is disposed. */
  follow(listener: () => void): Disposable {
    this.#listeners.add(listener);
    void this.#startWatching().catch(() => undefined);
    return {
      dispose: () => {
        this.#listeners.delete(listener);
        if (this.#listeners.size === 0) this.#stopWatching();
      },
    };
  }

  /** Takes in what the other windows have told; answers whether anything of it was new. Never rejects. */
  async hear(): Promise<boolean> {
    try {
      const board = await this.#open();
      const news = await board.news.read();
      if (!news) return false;
      this.#hearRefusal(news.refusedAt);
      const isListNew = news.listAskedAt > this.#listAskedAt && (await this.#hearList(board));
      return this.#ledger.hear(news) || isListNew;
    } catch {
      return false;
    }
  }

  /** Tells the other windows what has changed here, soon. */
  tell(): void {
    this.#telling.run();
  }

  /** Tells the other windows the whole list, which was asked for at `askedAt` and is in the ledger. Never rejects. */
  async tellList(askedAt: number): Promise<void> {
    const list = { askedAt, listedAt: Date.now() };
    if (askedAt > this.#listAskedAt) this.#list = list;
    try {
      const board = await this.#open();
      await board.list.update((now) =>
        now && now.askedAt > askedAt ? now : { ...list, facts: this.#ledger.facts() },
      );
    } catch {
      // The next window that needs a list reads one itself.
      return this.tell();
    }
    await this.#tellNews(askedAt);
  }

  /** Tells the other windows that the account's key is refused, unless one has told so already. Never rejects. */
  async tellRefusal(): Promise<void> {
    // To an account that was signed out of, or changed, its key is refused here, and theirs may be another one.
    if (this.#disposed) return;
    try {
      const board = await this.#open();
      const news = await board.news.update((now) => addRefusal(now, this.#ledger.now()));
      this.#refusedAt = news.refusedAt;
    } catch {
      // The other windows find out when they ask.
    }
  }

  /** Runs a task while no other window runs one for this account. @throws what the task throws */
  async inTurn(task: () => Promise<void>): Promise<void> {
    const board = await this.#open().catch(() => undefined);
    await (board ? board.inTurn(task) : task());
  }

  dispose(): void {
    this.#disposed = true;
    this.#again.dispose();
    this.#listeners.clear();
    this.#stopWatching();
  }

  get #listAskedAt(): number {
    return this.#list?.askedAt ?? 0;
  }

  #hearRefusal(refusedAt: number | undefined): void {
    const isNew = refusedAt !== undefined && refusedAt !== this.#refusedAt;
    this.#refusedAt = refusedAt;
    if (refusedAt !== undefined) this.#ledger.passBy(refusedAt);
    if (isNew) this.#hasHeardRefusal();
  }

  async #hearList(board: Board): Promise<boolean> {
    const list = await board.list.read();
    if (!list || list.askedAt <= this.#listAskedAt) return false;
    this.#ledger.hearList(list);
    this.#list = list;
    return true;
  }

  async #tellNews(listAskedAt: number): Promise<void> {
    const news = this.#ledger.takeNews();
    if (listAskedAt === 0 && news.facts.length + news.removals.length === 0) return;
    try {
      const board = await this.#open();
      await board.news.update((now) => addNews(now, news, listAskedAt));
      this.#failures = 0;
    } catch {
      this.#ledger.keepNews(news);
      this.#failures++;
      this.#again.set(backOff(this.#failures, againMs.base, againMs.max), () => this.tell());
    }
  }

  async #startWatching(): Promise<void> {
    const board = await this.#open();
    if (this.#listeners.size > 0) this.#watch ??= board.news.watch(() => this.#callBack());
  }

  #stopWatching(): void {
    this.#watch?.dispose();
    this.#watch = undefined;
  }

  #callBack(): void {
    for (const listener of this.#listeners) listener();
  }
}
