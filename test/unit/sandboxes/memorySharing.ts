import { Names, type NamesData } from '../../../src/sandboxes/names.ts';
import { Emitter } from '../../../src/common/event.ts';
import type {
  AccountData,
  Board,
  Common,
  Shared,
  SharedAccounts,
  Sharing,
} from '../../../src/sandboxes/sharing.ts';

/** What windows share, without files and without time: for tests that move the clock by hand. */
export class MemorySharing implements Sharing {
  readonly names: Shared<NamesData> = new SharedValue<NamesData>();
  readonly accounts: SharedAccounts = { list: new SharedValue(), inTurn: takingTurns() };
  readonly #boards = new Map<string, Board>();

  readonly #accounts = new Map<string, Shared<AccountData>>();

  accountData(accountId: string): Shared<AccountData> {
    const data = this.#accounts.get(accountId) ?? new SharedValue<AccountData>();
    this.#accounts.set(accountId, data);
    return data;
  }

  async forget(accountId: string): Promise<void> {
    for (const name of this.#boards.keys()) if (name.startsWith(`${accountId} `)) this.#boards.delete(name);
    this.#accounts.delete(accountId);
  }

  board(accountId: string, service = ''): Board {
    const name = `${accountId} ${service}`;
    const board = this.#boards.get(name) ?? {
      list: new SharedValue(),
      news: new SharedValue(),
      inTurn: takingTurns(),
    };
    this.#boards.set(name, board);
    return board;
  }

  /** What a window of its own gives to its fleet of account `a`. */
  common(): Common {
    return {
      names: new Names(
        async () => this.names,
        () => ({}),
      ),
      board: async () => this.board('a'),
    };
  }
}

class SharedValue<T> implements Shared<T> {
  readonly #changed = new Emitter<void>();
  #text: string | undefined;

  async read(): Promise<T | undefined> {
    return this.#text === undefined ? undefined : (JSON.parse(this.#text) as T);
  }

  async update(change: (now: T | undefined) => T): Promise<T> {
    const next = change(await this.read());
    this.#text = JSON.stringify(next);
    this.#changed.fire();
    return next;
  }

  watch(listener: () => void) {
    return this.#changed.event(listener);
  }
}

function takingTurns() {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(task: () => Promise<T>): Promise<T> => {
    const turn = last.then(task, task);
    last = turn;
    return turn;
  };
}
