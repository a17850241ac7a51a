import { Emitter } from '../common/event.ts';
import type { Fleet } from './fleet.ts';
import type { Sandbox, Session } from './sandbox.ts';

/** A list of sessions is read again when somebody looks at it after this time. */
const freshMs = 15_000;

/** The PTY sessions of the sandboxes that somebody looks at. */
export class Sessions {
  readonly #fleet: Fleet;
  readonly #lists = new Map<
    string,
    { readonly readAt: number; readonly list: Promise<readonly Session[]> }
  >();
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  /** Lists the sessions of a running sandbox; one that does not run is never asked, since that may wake it. */
  async list(sandbox: Sandbox): Promise<readonly Session[]> {
    if (sandbox.state !== 'running') return [];
    const known = this.#lists.get(sandbox.key);
    if (known && Date.now() - known.readAt < freshMs) return known.list;
    const list = this.#read(sandbox);
    this.#lists.set(sandbox.key, { readAt: Date.now(), list });
    list.catch(() => this.#lists.delete(sandbox.key));
    return list;
  }

  /** Forgets what is known, of one sandbox or of all, so that the next look reads it again. */
  forget(sandbox?: Sandbox): void {
    if (sandbox) this.#lists.delete(sandbox.key);
    else this.#lists.clear();
    this.#changed.fire();
  }

  /** What is shown may be old: asking one that was paused since then would wake it, so its state comes first. */
  async #read({ accountId, id }: Sandbox): Promise<readonly Session[]> {
    const account = this.#fleet.account(accountId);
    const { terminals } = await account.provider();
    const confirmed = await account.confirm(id);
    if (!terminals || confirmed?.state !== 'running') return [];
    return terminals.list(id);
  }
}
