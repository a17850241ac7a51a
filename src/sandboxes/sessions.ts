import { Emitter } from '../common/event.ts';
import { FreshLists } from '../common/freshLists.ts';
import type { Fleet } from './fleet.ts';
import type { Sandbox, Session } from './sandbox.ts';

/** The PTY sessions of the sandboxes that somebody looks at. */
export class Sessions {
  readonly #fleet: Fleet;
  readonly #lists = new FreshLists<Session>();
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  /** Lists the sessions of a running sandbox; one that does not run is never asked, since that may wake it. */
  async list(sandbox: Sandbox): Promise<readonly Session[]> {
    if (sandbox.state !== 'running') return [];
    return this.#lists.get(sandbox.key, () => this.#read(sandbox));
  }

  /** Forgets what is known, of one sandbox or of all, so that the next look reads it again. */
  forget(sandbox?: Sandbox): void {
    this.#lists.forget(sandbox?.key);
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
