import type { Disposable } from '../common/disposable.ts';
import { Emitter } from '../common/event.ts';
import type { AccountView } from './account.ts';
import type { Fleet } from './fleet.ts';
import type { Sandbox, SandboxState } from './sandbox.ts';

/** A port of a sandbox that programs of this machine find on `localhost`. */
export interface PortForward extends Disposable {
  /** In the sandbox. */
  readonly port: number;
  readonly localPort: number;
  /** Settles when it is over, with why that is as far as it can be told; never rejects. */
  readonly ended: Promise<string>;
}

/** A port that is not forwarded any more although nobody asked for its end. */
export interface BrokenForward {
  readonly sandbox: Sandbox;
  readonly port: number;
  readonly reason: string;
}

type Start = (signal: AbortSignal) => Promise<PortForward>;

/** States in which a port stays forwarded: the service may not know, and a snapshot is over in a moment. */
const lasting: ReadonlySet<SandboxState> = new Set(['running', 'snapshotting', 'unknown']);

/** The ports that this window forwards. Each ends with its sandbox, also with a pause: a request would undo that. */
export class Forwards implements Disposable {
  readonly #fleet: Fleet;
  readonly #running = new Map<string, readonly PortForward[]>();
  readonly #starting = new Map<string, Promise<PortForward>>();
  readonly #changed = new Emitter<void>();
  readonly #broken = new Emitter<BrokenForward>();
  readonly #subscription: Disposable;
  readonly #end = new AbortController();
  readonly onDidChange = this.#changed.event;
  readonly onDidBreak = this.#broken.event;

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
    // Later: an account whose settings change is away for a moment.
    this.#subscription = fleet.onDidChange(() => queueMicrotask(() => this.#endIdle()));
  }

  /** Those of a sandbox, in the order of their ports. */
  of({ key }: Sandbox): readonly PortForward[] {
    return this.#running.get(key) ?? [];
  }

  /**
   * Forwards a port, unless it is forwarded already or about to be.
   * @param start Is told by its signal that the window ends.
   */
  async open(sandbox: Sandbox, port: number, start: Start): Promise<PortForward> {
    const known = this.of(sandbox).find((one) => one.port === port);
    if (known) return known;
    const id = `${port} ${sandbox.key}`;
    const starting = this.#starting.get(id) ?? this.#start(sandbox, start);
    this.#starting.set(id, starting);
    return starting.finally(() => this.#starting.delete(id));
  }

  /** Ends one that is no longer wanted. */
  close(sandbox: Sandbox, port: number): void {
    const forward = this.of(sandbox).find((one) => one.port === port);
    if (!forward) return;
    this.#remove(sandbox.key, forward);
    forward.dispose();
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#end.abort();
    for (const forwards of this.#running.values()) for (const forward of forwards) forward.dispose();
    this.#running.clear();
  }

  async #start(sandbox: Sandbox, start: Start): Promise<PortForward> {
    const forward = await start(this.#end.signal);
    const forwards = [...this.of(sandbox), forward].toSorted((one, other) => one.port - other.port);
    this.#running.set(sandbox.key, forwards);
    void forward.ended.then((reason) => this.#hasEnded(sandbox, forward, reason));
    this.#changed.fire();
    this.#endIdle();
    return forward;
  }

  async #hasEnded(sandbox: Sandbox, forward: PortForward, reason: string): Promise<void> {
    if (!this.of(sandbox).includes(forward)) return;
    this.#remove(sandbox.key, forward);
    // Its sandbox may have ended elsewhere. Where that cannot be asked, the way there is what has broken.
    const present = await this.#ask(sandbox).catch(() => sandbox);
    if (present && lasting.has(present.state)) {
      this.#broken.fire({ sandbox: present, port: forward.port, reason });
    }
  }

  async #ask({ accountId, id }: Sandbox): Promise<Sandbox | undefined> {
    return this.#fleet.account(accountId).confirm(id);
  }

  #endIdle(): void {
    for (const [key, forwards] of this.#running) {
      if (this.#lasts(key)) continue;
      this.#running.delete(key);
      for (const forward of forwards) forward.dispose();
      this.#changed.fire();
    }
  }

  /** What no list has told of yet may be there as it was. */
  #lasts(key: string): boolean {
    const state = this.#fleet.find(key)?.state;
    if (state !== undefined) return lasting.has(state);
    const isUnlisted = ({ account, listedAt }: AccountView) =>
      key.startsWith(`${account.id}/`) && listedAt === undefined;
    return this.#fleet.views().some(isUnlisted);
  }

  #remove(key: string, forward: PortForward): void {
    const others = (this.#running.get(key) ?? []).filter((one) => one !== forward);
    if (others.length > 0) this.#running.set(key, others);
    else this.#running.delete(key);
    this.#changed.fire();
  }
}
