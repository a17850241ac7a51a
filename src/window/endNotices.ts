import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../common/disposable.ts';
import { Alarm, timeoutSignal } from '../common/time.ts';
import { actions, type Action } from '../sandboxes/actions.ts';
import type { Fleet } from '../sandboxes/fleet.ts';
import { isTransition, type Sandbox } from '../sandboxes/sandbox.ts';
import type { SandboxNode } from './explorer/nodes.ts';
import { message } from './message.ts';

/** Milliseconds before the end of a sandbox at which its user is told. */
const noticeMs = 120_000;
/** A sandbox that was just made gets its name within this time. */
const settleMs = 2_000;
/** Ends that are as near to each other are the same: one was told by the service, the other reckoned. */
const sameEndMs = 60_000;

/**
 * Tells of sandboxes whose time is about to be over, while something can still be done. A clock runs on what this window
 * knows, and its service is asked once, when there is something to tell: nobody may have looked for a while.
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
      void this.#lookAndTell(sandbox, endsAt);
    }
    this.#arm();
  }

  #untold(): End[] {
    const ends = this.#fleet.views().flatMap(({ sandboxes }) => sandboxes.flatMap(endOf));
    return ends.filter(({ sandbox, endsAt }) => endsAt > Date.now() && !this.#isTold(sandbox, endsAt));
  }

  #isTold({ key }: Sandbox, endsAt: number): boolean {
    return Math.abs((this.#told.get(key) ?? 0) - endsAt) < sameEndMs;
  }

  /** What is not true any more is not told; another end of the sandbox has a notice of its own. */
  async #lookAndTell(sandbox: Sandbox, endsAt: number): Promise<void> {
    const now = await this.#look(sandbox, endsAt);
    const [end] = now ? endOf(now) : [];
    // It may run again, to the same end.
    if (!end) this.#told.delete(sandbox.key);
    else if (Math.abs(end.endsAt - endsAt) < sameEndMs && now?.autoPause !== undefined) await this.#tell(end);
  }

  /**
   * What is under way is waited for, until the end: after a snapshot the sandbox runs again, and nobody else may look.
   * What cannot be read is told as it was known: a loss that is told in vain is better than one that is not told.
   */
  async #look(sandbox: Sandbox, endsAt: number): Promise<Sandbox | undefined> {
    try {
      const account = this.#fleet.account(sandbox.accountId);
      const now = await account.confirm(sandbox.id);
      if (!now || !isTransition(now.state)) return now;
      return await account.settled(now.id, timeoutSignal(endsAt - Date.now()));
    } catch {
      return this.#fleet.find(sandbox.key);
    }
  }

  async #tell({ sandbox, endsAt }: End): Promise<void> {
    const node = this.#nodeOf(sandbox);
    const allowed: ReadonlySet<Action> = node ? actions(sandbox, node.provider) : new Set();
    const buttons: Partial<Record<string, Action>> = {
      ...(!sandbox.autoPause && allowed.has('pause') && { Pause: 'pause' }),
      ...(allowed.has('snapshot') && { Snapshot: 'snapshot' }),
    };
    const time = new Date(endsAt).toLocaleTimeString();
    const fate = sandbox.autoPause
      ? `paused at ${time}, and keeps all that is in it`
      : `deleted at ${time}, with all that is in it`;
    const text = message(`${sandbox.name} is ${fate}: its time is over then.`);
    const names = Object.keys(buttons);
    const chosen = await (sandbox.autoPause
      ? vscode.window.showInformationMessage(text, ...names)
      : vscode.window.showWarningMessage(text, ...names));
    const action = chosen && buttons[chosen];
    if (action) await vscode.commands.executeCommand(`sandboxExplorer.${action}`, node);
  }
}

interface End {
  readonly sandbox: Sandbox;
  /** Milliseconds since 1970. */
  readonly endsAt: number;
}

/** When the time of a sandbox is over; nothing while it does not run, and its time with it. */
const endOf = (sandbox: Sandbox): End[] =>
  sandbox.state === 'running' && sandbox.endsAt !== undefined ? [{ sandbox, endsAt: sandbox.endsAt }] : [];
