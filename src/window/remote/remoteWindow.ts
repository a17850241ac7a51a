import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../common/disposable.ts';
import { explain, ProviderError } from '../../sandboxes/errors.ts';
import type { AccountFleet } from '../../sandboxes/accountFleet.ts';
import type { Fleet } from '../../sandboxes/fleet.ts';
import type { Sandbox } from '../../sandboxes/sandbox.ts';
import { Lookout } from '../../sandboxes/lookout.ts';
import { sleeps, wake } from '../../sandboxes/wake.ts';
import type { HostRecord } from '../../ssh/hostRecord.ts';
import type { SandboxNode } from '../explorer/nodes.ts';
import type { WindowLog } from '../log.ts';
import { showFailure } from '../failures.ts';
import { message } from '../message.ts';
import { withProgress } from '../progress.ts';
import { SandboxStatus } from '../sandboxStatus.ts';
import type { Ssh } from './ssh.ts';

/** Milliseconds after which Remote-SSH connects without us: what it finds then, it tells itself. */
const patienceMs = 120_000;

/** A window that is on one of our hosts: it sees to it that the sandbox can be reached, and shows which one it is. */
export class RemoteWindow implements Disposable {
  readonly #fleet: Fleet;
  readonly #ssh: Pick<Ssh, 'api' | 'integration' | 'memory'>;
  readonly #log: WindowLog;
  readonly #nodeOf: (sandbox: Sandbox) => SandboxNode | undefined;
  readonly #store = new DisposableStore();

  constructor(fleet: Fleet, ssh: Ssh, log: WindowLog, nodeOf: (sandbox: Sandbox) => SandboxNode | undefined) {
    this.#fleet = fleet;
    this.#ssh = ssh;
    this.#log = log;
    this.#nodeOf = nodeOf;
  }

  /** Resolves when Remote-SSH may connect. Never rejects: it is the one to tell what does not work. */
  async prepare(host: string): Promise<void> {
    await this.#prepare(host, AbortSignal.timeout(patienceMs)).catch((thrown: unknown) => {
      const error = ProviderError.from(thrown);
      this.#log.warn(`SSH: ${host} is not prepared: ${error.message}`);
      if (error.kind !== 'cancelled') void vscode.window.showWarningMessage(message(explain(error)));
    });
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #prepare(host: string, signal: AbortSignal): Promise<void> {
    const integration = await this.#ssh.integration();
    const record = integration.recordOf(host);
    // Somebody else's host, or another editor's account.
    if (!record || !this.#fleet.viewOf(record.account.id)) return;
    const account = this.#fleet.account(record.account.id);
    // Whatever keeps it from being asked for now, such as a network that is not back yet, may pass.
    this.#follow(record);
    const sandbox = await account.confirm(record.sandbox.id);
    if (!sandbox) throw new ProviderError('notFound', `The sandbox ${record.sandbox.name} no longer exists.`);
    if (sleeps(sandbox.state)) {
      if (!(await this.#mayWake(account, sandbox))) return;
      await this.#wake(account, sandbox, signal);
    }
    await integration.ensureAccess(host, await this.#ssh.api(sandbox), { signal });
  }

  /** Asks once for each account; on one's own machine it costs nothing. */
  async #mayWake(fleet: AccountFleet, sandbox: Sandbox): Promise<boolean> {
    const { account } = fleet;
    const { name, state } = sandbox;
    if (account.provider === 'local') return true;
    const known = this.#ssh.memory.wakeAnswer(account.id);
    if (known === 'never') void this.#offerToWake(fleet, sandbox);
    if (known) return known === 'always';
    const question = `${message(name)} is ${state}. Wake it for this window?`;
    const detail =
      `That may cost money. Sandbox Explorer remembers the answer for the account ${message(account.name)}, ` +
      'and then wakes its sandboxes, or leaves them asleep, whenever a window reconnects to them.';
    const options = { modal: true, detail };
    const chosen = await vscode.window.showWarningMessage(question, options, 'Always Wake', 'Never Wake');
    if (chosen)
      await this.#ssh.memory.setWakeAnswer(account.id, chosen === 'Always Wake' ? 'always' : 'never');
    return chosen === 'Always Wake';
  }

  /** For whoever has second thoughts: without it, an answer would hold for ever. */
  async #offerToWake(fleet: AccountFleet, sandbox: Sandbox): Promise<void> {
    const { id, name } = fleet.account;
    const told = `${message(sandbox.name)} stays ${sandbox.state}, as you have said for the account ${message(name)}.`;
    const [once, always] = ['Wake', 'Always Wake'];
    const chosen = await vscode.window.showInformationMessage(told, once, always);
    if (!chosen) return;
    if (chosen === always) await this.#ssh.memory.setWakeAnswer(id, 'always');
    await this.#wake(fleet, sandbox).catch((thrown: unknown) => showFailure(this.#log, thrown));
  }

  async #wake(fleet: AccountFleet, sandbox: Sandbox, signal?: AbortSignal): Promise<void> {
    await withProgress(`Waking ${message(sandbox.name)}…`, (cancelled) =>
      wake(fleet, sandbox, signal ? AbortSignal.any([signal, cancelled]) : cancelled),
    );
  }

  #follow({ account: { id: accountId }, sandbox: { id, name } }: HostRecord): void {
    const status = this.#store.add(new SandboxStatus('remote', 'Sandbox of the Window', 1));
    const lookout = this.#store.add(new Lookout(this.#fleet, accountId, id));
    let lastName = name;
    const show = () => {
      const { sandbox, isGone } = lookout;
      lastName = sandbox?.name ?? lastName;
      if (isGone) status.showGone(lastName);
      else status.show(sandbox && this.#nodeOf(sandbox));
    };
    this.#store.add(lookout.onDidChange(show));
    show();
    // With the list come the names that the user has given.
    void this.#fleet.account(accountId).refresh();
  }
}
