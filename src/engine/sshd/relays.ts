import { HttpError } from '../http/httpError.ts';
import type { ShellHome } from '../pty/session.ts';
import { Relay } from './relay.ts';

/** Each is a process of the host. */
const maxRelays = 200;

/** The relays of one client. They end with it. */
export class Relays {
  readonly #enter: () => Promise<ShellHome>;
  readonly #running = new Set<Relay>();
  #ended = false;

  /** @param enter finds the jail */
  constructor(enter: () => Promise<ShellHome>) {
    this.#enter = enter;
  }

  /**
   * Starts one and waits until its socket is there.
   * @param words for `relayScript`
   * @returns it, with what it said
   * @throws HttpError when there can be none
   */
  async start(words: string[]): Promise<{ relay: Relay; said: string }> {
    const home = await this.#enter();
    if (this.#ended || this.#running.size >= maxRelays) throw refused();
    const relay = new Relay(home, words);
    this.#running.add(relay);
    void relay.ended.then(() => this.#running.delete(relay));
    const said = await relay.readLine();
    if (!this.#ended && said !== undefined && /^\d*$/.test(said)) return { relay, said };
    relay.kill();
    throw refused();
  }

  end(): void {
    this.#ended = true;
    for (const relay of this.#running) relay.end();
  }
}

/** Whatever the reason: the protocol has no words for it that ssh2 would pass on. */
const refused = () => new HttpError(503, 'The address cannot be reached.');
