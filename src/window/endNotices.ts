import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../common/disposable.ts';
import { Alarm } from '../common/time.ts';
import { actions, type Action } from '../sandboxes/actions.ts';
import type { Fleet } from '../sandboxes/fleet.ts';
import type { Sandbox } from '../sandboxes/sandbox.ts';
import type { SandboxNode } from './explorer/nodes.ts';
import { message } from './message.ts';

/** Milliseconds before the end of a sandbox at which its user is told. */
const noticeMs = 120_000;
/** A sandbox that was just made gets its name within this time. */
const settleMs = 2_000;
/** Ends that are as near to each other are the same: one was told by the service, the other reckoned. */
const sameEndMs = 60_000;

/**
 * Tells of sandboxes that are about to be deleted since their time is over, while something can still be done. It asks
 * no service for it: a clock runs on what this window knows.
 */
export class EndNotices implements Disposable {
  readonly #fleet: Fleet;
  readonly #nodeOf: (sandbox: Sandbox) => SandboxNode | undefined;
  readonly #store = new DisposableStore();
  readonly #alarm = this.#store.add(new Alarm());
  #ringsAt = 0;
  /** The ends that were told of, by the sandbox's key. */
  readonly #told = new Map<string, number>();

  constructor(fleet: Fleet, nodeOf: (sandbox: Sandbox) => SandboxNode | undefined) {
    this.#fleet = fleet;
    this.#nodeOf = nodeOf;
    this.#store.add(fleet.onDidChange(() => this.#arm()));
  }

  dispose(): void {
    this.#store.dispose();
  }

  /** Every change is a reason to look at the clock, and none is one to look later. */
  #arm(): void {
    const moments = this.#untold().map(({ endsAt }) => endsAt - noticeMs);
    if (moments.length === 0) return this.#alarm.clear();
    const ringsAt = Math.max(Math.min(...moments), Date.now() + settleMs);
    if (this.#alarm.isSet && this.#ringsAt <= ringsAt) return;
    this.#ringsAt = ringsAt;
    this.#alarm.set(ringsAt - Date.now(), () => this.#ring());
  }

  #ring(): void {
    for (const { sandbox, endsAt } of this.#untold()) {
      if (endsAt - noticeMs > Date.now()) continue;
      this.#told.set(sandbox.key, endsAt);
      void this.#tell(sandbox, endsAt);
    }
    this.#arm();
  }

  #untold() {
    const ends = this.#fleet.views().flatMap(({ sandboxes }) => sandboxes.flatMap(endOf));
    return ends.filter(({ sandbox, endsAt }) => endsAt > Date.now() && !this.#isTold(sandbox, endsAt));
  }

  #isTold({ key }: Sandbox, endsAt: number): boolean {
    return Math.abs((this.#told.get(key) ?? 0) - endsAt) < sameEndMs;
  }

  async #tell(sandbox: Sandbox, endsAt: number): Promise<void> {
    const node = this.#nodeOf(sandbox);
    const allowed: ReadonlySet<Action> = node ? actions(sandbox, node.provider) : new Set();
    const buttons: Partial<Record<string, Action>> = {
      ...(allowed.has('pause') && { Pause: 'pause' }),
      ...(allowed.has('snapshot') && { Snapshot: 'snapshot' }),
    };
    const time = new Date(endsAt).toLocaleTimeString();
    const text = message(
      `${sandbox.name} is deleted at ${time}, with all that is in it: its time is over then.`,
    );
    const chosen = await vscode.window.showWarningMessage(text, ...Object.keys(buttons));
    const action = chosen && buttons[chosen];
    if (action) await vscode.commands.executeCommand(`sandboxExplorer.${action}`, node);
  }
}

/** When a sandbox is deleted by itself; nothing for one that is paused instead. */
function endOf(sandbox: Sandbox): { readonly sandbox: Sandbox; readonly endsAt: number }[] {
  const { state, endsAt, autoPause } = sandbox;
  return state === 'running' && endsAt !== undefined && autoPause === false ? [{ sandbox, endsAt }] : [];
}
