import * as vscode from 'vscode';
import type { AccountView } from '../../sandboxes/account.ts';
import { checkSnapshotName } from '../../sandboxes/createInput.ts';
import { unlessGone } from '../../sandboxes/errors.ts';
import type { Sandbox } from '../../sandboxes/sandbox.ts';
import type { Snapshot } from '../../sandboxes/snapshots.ts';
import { isNode, type SnapshotNode } from '../explorer/nodes.ts';
import { message } from '../message.ts';
import type { Parts } from '../parts.ts';
import { waitFor, withProgress } from '../progress.ts';
import { askInTurn, choose, keep, type, type Choice } from '../wizard.ts';
import { accountOf } from './accounts.ts';
import { targetOf } from './target.ts';

/** Makes a snapshot of a sandbox that runs, and ends the sandbox if that is wanted. */
export async function createSnapshot(parts: Parts, argument: unknown): Promise<void> {
  const sandbox = await targetOf(parts, 'snapshot', argument);
  if (!sandbox) return;
  const account = parts.fleet.account(sandbox.accountId);
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
  await unlessGone(deleting);
  parts.snapshots.forget(accountId);
}

/** The snapshot of the row, or the one that the user picks. */
async function snapshotOf(
  parts: Parts,
  argument: unknown,
): Promise<Pick<SnapshotNode, 'accountId' | 'snapshot'> | undefined> {
  if (isNode(argument) && argument.kind === 'snapshot') return argument;
  const view = await accountOf(parts, 'restoreSnapshot', argument);
  const snapshot = view && (await pickSnapshot(parts, view));
  return snapshot && { accountId: view.account.id, snapshot };
}

/** Lets the user pick one of the snapshots of an account. */
export async function pickSnapshot(
  parts: Parts,
  { account, provider }: AccountView,
): Promise<Snapshot | undefined> {
  const list = await waitFor('Reading the snapshots…', parts.snapshots.list(account.id));
  if (list.length === 0) {
    const lack = provider?.snapshots?.list ? 'has no snapshots' : 'has no list of its snapshots';
    void vscode.window.showInformationMessage(message(`${account.name} ${lack}.`));
    return undefined;
  }
  const choices = list.map((snapshot) => ({
    label: message(snapshot.name),
    description: message(snapshot.template ?? snapshot.templateId ?? ''),
    value: snapshot,
  }));
  const chosen = await choose({ title: 'Snapshots', placeholder: 'Choose the snapshot' }, choices);
  return typeof chosen === 'symbol' ? undefined : chosen;
}
