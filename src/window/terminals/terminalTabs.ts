import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../common/disposable.ts';
import type { Log } from '../../common/log.ts';
import { plain } from '../../common/text.ts';
import { ProviderError } from '../../sandboxes/errors.ts';
import type { Account } from '../../sandboxes/account.ts';
import type { Fleet } from '../../sandboxes/fleet.ts';
import type { Terminals } from '../../sandboxes/provider.ts';
import type { Sandbox, Session } from '../../sandboxes/sandbox.ts';
import type { Sessions } from '../../sandboxes/sessions.ts';
import { settings } from '../settings.ts';
import { SandboxTerminal, type NewSession } from './sandboxTerminal.ts';

interface Tab {
  readonly sandbox: Sandbox;
  readonly pty: SandboxTerminal;
}

/** The terminal tabs of this window: which session each shows, and what the closing of one means. */
export class TerminalTabs implements Disposable {
  readonly #fleet: Fleet;
  readonly #sessions: Sessions;
  readonly #log: Log;
  readonly #tabs = new Map<vscode.Terminal, Tab>();
  /** Sessions whose tabs are not there yet. */
  readonly #opening = new Map<string, Promise<vscode.Terminal>>();
  readonly #store = new DisposableStore();

  constructor(fleet: Fleet, sessions: Sessions, log: Log) {
    this.#fleet = fleet;
    this.#sessions = sessions;
    this.#log = log;
    this.#store.add(vscode.window.onDidCloseTerminal((terminal) => void this.#closed(terminal)));
    this.#store.add(fleet.onDidClose((account) => void this.#leaveAll(account)));
  }

  /** Opens a terminal on a new session, or on one that is there; a session has one tab, which is shown. */
  async open(sandbox: Sandbox, session?: Session, newSession: NewSession = {}): Promise<vscode.Terminal> {
    if (!session) return this.#open(sandbox, undefined, newSession);
    const shown = this.#terminalOf(sandbox, session.id);
    if (shown) return reveal(shown);
    const id = `${sandbox.key}/${session.id}`;
    const opening = this.#opening.get(id) ?? this.#open(sandbox, session, newSession);
    this.#opening.set(id, opening);
    return opening.finally(() => this.#opening.delete(id));
  }

  /** The sandbox that a terminal is in; nothing when it is none of ours. */
  sandboxOf(terminal: vscode.Terminal | undefined): Sandbox | undefined {
    return terminal && this.#tabs.get(terminal)?.sandbox;
  }

  isAttached(sandbox: Sandbox, sessionId: string): boolean {
    return this.#terminalOf(sandbox, sessionId) !== undefined;
  }

  /** Ends a session's shell, and with it the tab that shows it. */
  async kill(sandbox: Sandbox, session: Session): Promise<void> {
    const terminals = await this.terminalsOf(sandbox);
    await terminals.delete(sandbox.id, session.id).finally(() => this.#sessions.forget(sandbox));
  }

  /** @throws ProviderError `notFound` or `conflict` when it has no terminals now. */
  async terminalsOf({ accountId, id, name }: Sandbox): Promise<Terminals> {
    const account = this.#fleet.account(accountId);
    await account.demand(id, 'openTerminal');
    const { terminals } = await account.provider();
    if (!terminals) throw new ProviderError('invalid', `${name} has no terminals.`);
    return terminals;
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #open(
    sandbox: Sandbox,
    session: Session | undefined,
    newSession: NewSession,
  ): Promise<vscode.Terminal> {
    const cwd = session ? undefined : (newSession.cwd ?? settings.terminalFolder());
    const pty = new SandboxTerminal({
      sandboxId: sandbox.id,
      terminals: await this.terminalsOf(sandbox),
      session,
      newSession: { ...newSession, cwd },
      // The first terminal that VS Code draws as an editor would not have the focus otherwise.
      onOpen: () => terminal.show(),
      onSession: () => this.#sessions.forget(sandbox),
      onDisconnected: () => void this.#confirm(sandbox),
    });
    const location = settings.terminalLocation();
    const terminal: vscode.Terminal = vscode.window.createTerminal({
      name: plain(sandbox.name),
      pty,
      iconPath: new vscode.ThemeIcon('vm'),
      ...(location && { location }),
    });
    this.#tabs.set(terminal, { sandbox, pty });
    return reveal(terminal);
  }

  /** What ended a connection may have been the end of the sandbox's time: nobody may be polling. */
  async #confirm({ accountId, id }: Sandbox): Promise<void> {
    try {
      await this.#fleet.account(accountId).confirm(id);
    } catch {
      // The tab has told that the connection has ended; the next refresh tells the rest.
    }
  }

  /** The tabs of an account that was closed stay, to be read; the shells go on in their sandboxes. */
  async #leaveAll({ id, name }: Account): Promise<void> {
    // One whose settings were changed is opened again at once.
    await Promise.resolve();
    const isOpen = this.#fleet.viewOf(id) !== undefined;
    const why = isOpen ? `the settings of ${name} were changed` : `${name} was signed out`;
    for (const { sandbox, pty } of this.#tabs.values()) {
      if (sandbox.accountId === id) pty.leave(`Disconnected: ${why}. The shell goes on in the sandbox.`);
    }
  }

  #terminalOf(sandbox: Sandbox, sessionId: string): vscode.Terminal | undefined {
    for (const [terminal, tab] of this.#tabs) {
      if (tab.sandbox.key === sandbox.key && tab.pty.session?.id === sessionId) return terminal;
    }
    return undefined;
  }

  /**
   * A tab that the user closed ends its shell. A window that goes away only leaves it: the same event comes with
   * another reason then.
   */
  async #closed(terminal: vscode.Terminal): Promise<void> {
    const tab = this.#tabs.get(terminal);
    if (!tab) return;
    this.#tabs.delete(terminal);
    this.#sessions.forget(tab.sandbox);
    if (terminal.exitStatus?.reason !== vscode.TerminalExitReason.User) return;
    // A sandbox that sleeps would be woken by this: its frozen shell stays as it is.
    const state = this.#fleet.find(tab.sandbox.key)?.state;
    if (state !== undefined && state !== 'running') return;
    await tab.pty.kill().catch((thrown: unknown) => {
      const error = ProviderError.from(thrown);
      if (error.kind !== 'notFound') this.#log.warn(`The session was not ended: ${error.message}`);
    });
    // What was read before that may still have it.
    this.#sessions.forget(tab.sandbox);
  }
}

function reveal(terminal: vscode.Terminal): vscode.Terminal {
  terminal.show();
  return terminal;
}
