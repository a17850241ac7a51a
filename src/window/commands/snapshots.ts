import * as vscode from 'vscode';
import { checkSnapshotName, newName } from '../../sandboxes/createInput.ts';
import { ProviderError } from '../../sandboxes/errors.ts';
import type { NetworkLimits, NetworkPolicy } from '../../sandboxes/networkPolicy.ts';
import type { Sandbox } from '../../sandboxes/sandbox.ts';
import type { RestoreRequest, Snapshot } from '../../sandboxes/snapshots.ts';
import { askNetwork } from '../create/network.ts';
import { chooseTimeout } from '../create/numbers.ts';
import { askAutoPause } from '../create/options.ts';
import { isNode, type SnapshotNode } from '../explorer/nodes.ts';
import { message } from '../message.ts';
import type { Parts } from '../parts.ts';
import { waitFor, withProgress } from '../progress.ts';
import { askInTurn, back, choose, keep, type, type Answer, type Choice } from '../wizard.ts';
import { accountOf } from './accounts.ts';
import { withRoom } from './makeRoom.ts';
import { targetOf } from './target.ts';

/** Makes a snapshot of a sandbox that runs, and ends the sandbox if that is wanted. */
export async function createSnapshot(parts: Parts, argument: unknown): Promise<void> {
  const sandbox = await targetOf(parts, 'snapshot', argument);
  if (!sandbox) return;
  const account = parts.fleet.account(sandbox.accountId);
  await account.demand(sandbox.id, 'snapshot');
  const { maxNameLength } = await account.snapshots();
  const answers = await askForSnapshot(sandbox, maxNameLength);
  if (!answers) return;
  const { name, deleteSandbox } = answers;
  await withProgress(`Making the snapshot ${message(name)}…`, (signal) =>
    account.snapshot(sandbox.id, { name, deleteSandbox }, { signal }),
  );
  parts.snapshots.forget(sandbox.accountId);
  vscode.window.setStatusBarMessage(`Made the snapshot ${message(name)}`, 5000);
}

async function askForSnapshot(sandbox: Sandbox, maxLength: number) {
  const title = `Snapshot of ${message(sandbox.name)}`;
  const place = (step: number) => ({ title, step, totalSteps: 2 });
  const stamp = new Date().toISOString().slice(0, 19).replace(/[T:]/g, '-');
  const stem = sandbox.name.replace(/[^\w.-]+/g, '-').slice(0, Math.max(0, maxLength - stamp.length - 1));
  return askInTurn({ name: `${stem}-${stamp}`, deleteSandbox: false }, [
    async ({ name }) => {
      const step = { ...place(1), placeholder: 'Name of the snapshot' };
      const typed = await type(step, name, (text) => checkSnapshotName(text, maxLength));
      return keep(typed, (text) => ({ name: text.trim() }));
    },
    async ({ deleteSandbox }) => {
      const choices: Choice<boolean>[] = [
        { label: 'Keep the sandbox', description: 'it rests for a moment, and goes on', value: false },
        { label: 'End the sandbox', description: 'it is deleted once the snapshot is stored', value: true },
      ];
      const step = { ...place(2), placeholder: 'Choose what becomes of the sandbox' };
      return keep(await choose(step, choices, choices[deleteSandbox ? 1 : 0]), (value) => ({
        deleteSandbox: value,
      }));
    },
  ]);
}

/** Makes a new sandbox of a snapshot. */
export async function restoreSnapshot(parts: Parts, argument: unknown): Promise<Sandbox | undefined> {
  const node = await snapshotOf(parts, argument);
  if (!node) return undefined;
  const { accountId, snapshot } = node;
  const answers = await askForRestore(parts, accountId, snapshot);
  if (!answers) return undefined;
  const account = parts.fleet.account(accountId);
  return withRoom(parts, accountId, () =>
    withProgress(`Restoring ${message(snapshot.name)}…`, async (signal) => {
      const sandbox = await account.restore({ name: snapshot.name, ...answers }, { signal });
      const taken = account.view().sandboxes.map(({ name }) => name);
      // A name that only this window could be told of does not make the sandbox any less.
      await parts.fleet.rename(sandbox, newName(snapshot.name, taken)).catch(() => undefined);
      await account.settled(sandbox.id, signal);
      await parts.view.reveal(account.find(sandbox.id) ?? sandbox);
      return sandbox;
    }),
  );
}

type Restore = Omit<RestoreRequest, 'name'>;

async function askForRestore(parts: Parts, accountId: string, snapshot: Snapshot) {
  const { createLimits: limits } = await parts.fleet.account(accountId).provider();
  const { network } = limits;
  const title = `Restore ${message(snapshot.name)}`;
  const place = (step: number) => ({ title, step, totalSteps: network ? 3 : 2 });
  const defaults: Restore = {
    timeoutMinutes: limits.timeoutMinutes.default,
    autoPause: limits.autoPause,
  };
  return askInTurn<Restore>(defaults, [
    async ({ timeoutMinutes }) =>
      keep(
        await chooseTimeout(limits, timeoutMinutes, {
          ...place(1),
          placeholder: 'Choose how long it may run',
        }),
        (minutes) => ({ timeoutMinutes: minutes }),
      ),
    async ({ autoPause }) => keep(await askAutoPause(place(2), autoPause), (value) => ({ autoPause: value })),
    ...(network ? [({ network: known }: Restore) => askPolicy(place(3), network, known)] : []),
  ]);
}

/** Most want the network that the snapshot has. */
async function askPolicy(
  place: { readonly title: string; readonly step: number; readonly totalSteps: number },
  limits: NetworkLimits,
  known: NetworkPolicy | undefined,
): Promise<Answer<Partial<Restore>>> {
  const choices: Choice<'same' | 'other'>[] = [
    { label: "The snapshot's own network", value: 'same' },
    { label: 'Another network…', value: 'other' },
  ];
  for (;;) {
    const step = { ...place, placeholder: 'Choose what the sandbox may reach' };
    const chosen = await choose(step, choices, choices[known ? 1 : 0]);
    if (chosen === undefined || chosen === back) return chosen;
    if (chosen === 'same') return { network: undefined };
    const network = await askNetwork(place, limits, known);
    if (network !== back) return network && { network };
  }
}

export async function deleteSnapshot(parts: Parts, argument: unknown): Promise<void> {
  const node = await snapshotOf(parts, argument);
  if (!node) return;
  const { accountId, snapshot } = node;
  const detail = 'No sandbox can be made of it any more. This cannot be undone.';
  const question = `Delete the snapshot ${message(snapshot.name)}?`;
  const answer = await vscode.window.showWarningMessage(question, { modal: true, detail }, 'Delete');
  if (answer !== 'Delete') return;
  const snapshots = await parts.fleet.account(accountId).snapshots();
  const deleting = withProgress(`Deleting ${message(snapshot.name)}…`, (signal) =>
    snapshots.delete(snapshot.id, { signal }),
  );
  await deleting.catch((thrown: unknown) => {
    if (ProviderError.from(thrown).kind !== 'notFound') throw thrown;
  });
  parts.snapshots.forget(accountId);
}

/** The snapshot of the row, or the one that the user picks. */
async function snapshotOf(
  parts: Parts,
  argument: unknown,
): Promise<Pick<SnapshotNode, 'accountId' | 'snapshot'> | undefined> {
  if (isNode(argument) && argument.kind === 'snapshot') return argument;
  const view = await accountOf(parts, 'restoreSnapshot', argument);
  if (!view) return undefined;
  const { id: accountId, name } = view.account;
  const list = await waitFor('Reading the snapshots…', parts.snapshots.list(accountId));
  if (list.length === 0) {
    const lack = view.provider?.snapshots?.list ? 'has no snapshots' : 'has no list of its snapshots';
    void vscode.window.showInformationMessage(message(`${name} ${lack}.`));
    return undefined;
  }
  const choices = list.map((snapshot) => ({
    label: message(snapshot.name),
    description: message(snapshot.template ?? ''),
    value: { accountId, snapshot },
  }));
  const chosen = await choose({ title: 'Snapshots', placeholder: 'Choose the snapshot' }, choices);
  return typeof chosen === 'symbol' ? undefined : chosen;
}
