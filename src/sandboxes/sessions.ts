import type { Fleet } from './fleet.ts';
import { FreshLists } from './freshLists.ts';
import type { Sandbox, Session } from './sandbox.ts';

/** The PTY sessions of the sandboxes that are shown; one that has ended is of no use, and is left out. */
export class Sessions {
  readonly #fleet: Fleet;
  readonly #lists = new FreshLists<Session>();
  readonly onDidChange = this.#lists.onDidChange;

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  /** Lists the sessions of a running sandbox; one that does not run is never asked, since that may wake it. */
  async list(sandbox: Sandbox): Promise<readonly Session[]> {
    if (sandbox.state !== 'running') return [];
    return this.#lists.get(sandbox.key, () => this.#read(sandbox));
  }

  /** Lists them as they are now, however fresh the known list is. */
  async refresh(sandbox: Sandbox): Promise<readonly Session[]> {
    if (sandbox.state !== 'running') return [];
    return this.#lists.refresh(sandbox.key, () => this.#read(sandbox));
  }

  /** Forgets what is known, of one sandbox or of all, so that the next look reads it again. */
  forget(sandbox?: Sandbox): void {
    this.#lists.forget(sandbox?.key);
  }

  /** What is shown may be old: asking one that was paused since then would wake it, so its state comes first. */
  async #read({ accountId, id }: Sandbox): Promise<readonly Session[]> {
    const account = this.#fleet.account(accountId);
    const { terminals } = await account.provider();
    const confirmed = await account.confirm(id);
    if (!terminals || confirmed?.state !== 'running') return [];
    return (await terminals.list(id)).filter(({ active }) => active);
  }
}
