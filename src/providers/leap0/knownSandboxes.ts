import { untilAborted } from '../../common/abort.ts';
import type { Log } from '../../common/log.ts';
import { forEachOf } from '../../common/pool.ts';
import { plain } from '../../common/text.ts';
import { Refusal } from '../../net/failure.ts';
import { explain, ProviderError } from '../../sandboxes/errors.ts';
import type { KnownIds } from '../../sandboxes/knownIds.ts';
import type { CallOptions } from '../../sandboxes/provider.ts';
import type { SandboxRecord } from '../../sandboxes/sandbox.ts';

/** A list is no reason to ask a service for everything in one moment. */
const readsAtOnce = 4;

/** The list of an account whose service has none: the sandboxes whose IDs are known here. */
export class KnownSandboxes {
  readonly #ids: KnownIds;
  readonly #log: Log;
  readonly #get: (id: string, options: CallOptions) => Promise<SandboxRecord>;

  /** @param get Reads a sandbox. */
  constructor(
    { knownIds, log }: { readonly knownIds: KnownIds; readonly log: Log },
    get: (id: string, options: CallOptions) => Promise<SandboxRecord>,
  ) {
    this.#ids = knownIds;
    this.#log = log;
    this.#get = get;
  }

  /**
   * Reads each of them; one that is gone is forgotten, with a word to the user.
   * @throws ProviderError why one could not be read: no more are then, since a list without it would say that it is gone
   */
  async list(options: CallOptions): Promise<SandboxRecord[]> {
    const found: SandboxRecord[] = [];
    const failures: unknown[] = [];
    const stop = new AbortController();
    const read = async (id: string) => {
      const record = await this.#find(id, options);
      if (record) found.push(record);
    };
    const readOrStop = (id: string) =>
      read(id).catch((thrown: unknown) => {
        failures.push(thrown);
        stop.abort();
      });
    await forEachOf(await this.#ids.all(), readsAtOnce, readOrStop, stop.signal);
    if (failures.length > 0) throw failures[0];
    return found;
  }

  /** Takes in one that was made elsewhere. */
  async adopt(id: string, options: CallOptions): Promise<SandboxRecord> {
    const record = await this.#get(id, options);
    await this.#ids.add(record.id);
    return record;
  }

  /**
   * Has one made, and takes it in. Nobody could find it if it were made unheard: so the call goes on when it is
   * cancelled, and the next list shows what came of it.
   */
  make(
    { signal, ...options }: CallOptions,
    make: (options: CallOptions) => Promise<SandboxRecord>,
  ): Promise<SandboxRecord> {
    if (!signal) return this.#make(options, make);
    // What was cancelled before is not begun.
    if (signal.aborted) return make({ signal });
    const making = this.#make(options, make);
    return untilAborted(making, signal).catch((thrown: unknown) => {
      if (signal.aborted) void making.catch((failure: unknown) => this.#logLate(failure));
      throw ProviderError.from(thrown);
    });
  }

  remove(id: string): Promise<void> {
    return this.#ids.remove(id);
  }

  async #make(
    options: CallOptions,
    make: (options: CallOptions) => Promise<SandboxRecord>,
  ): Promise<SandboxRecord> {
    const record = await make(options);
    // Whatever happens to its ID, it is there, and is shown until the next list.
    await this.#ids.add(record.id).catch((error: unknown) => {
      this.#log.error(`The ID of the sandbox ${record.id} could not be kept: ${String(error)}`);
    });
    return record;
  }

  #logLate(failure: unknown): void {
    const reason = plain(explain(ProviderError.from(failure)));
    this.#log.warn(`The making of a sandbox, which was cancelled, failed later: ${reason}`);
  }

  async #find(id: string, options: CallOptions): Promise<SandboxRecord | undefined> {
    try {
      return await this.#get(id, options);
    } catch (thrown) {
      if (!isGone(thrown)) throw thrown;
      await this.#ids.gone(id);
      return undefined;
    }
  }
}

/** A 404 without Leap0's own words may come from anything on the way: it is no reason to forget a sandbox. */
export function isGone(thrown: unknown): boolean {
  const failure = ProviderError.from(thrown);
  return failure.kind === 'notFound' && !(failure instanceof Refusal && !failure.explained);
}
