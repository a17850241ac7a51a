import * as vscode from 'vscode';
import { enumerate } from '../../common/text.ts';
import { refusals } from '../../sandboxes/actions.ts';
import type { Lifecycle } from '../../sandboxes/lifecycle.ts';
import type { Sandbox } from '../../sandboxes/sandbox.ts';
import { message } from '../message.ts';
import type { Parts } from '../parts.ts';
import { deletion, deletionIn } from './deletion.ts';
import { roomRemedy } from './makeRoom.ts';
import { nameAndState, namesOf, workOnAll, type Failure, type Work } from './many.ts';
import { killSession } from './terminals.ts';
import { selection, targetsOf } from './target.ts';

/** A question that names more than this is not read. */
const namesInQuestion = 10;

/** The command that brings sandboxes into another state and waits until they are there. */
export const changeState =
  (lifecycle: Lifecycle, doing: string, done: string) =>
  async (parts: Parts, argument: unknown, rows: unknown): Promise<void> => {
    const targets = await targetsOf(parts, lifecycle, argument, rows);
    const run = async (sandbox: Sandbox, signal: AbortSignal) => {
      const account = parts.fleet.account(sandbox.accountId);
      await account.change(sandbox.id, lifecycle, { signal });
      parts.sessions.forget(sandbox);
      await account.settled(sandbox.id, signal);
    };
    const remedies = (failures: readonly Failure[]) => {
      const limited = failures.filter(({ error }) => error.limitReached).map(({ sandbox }) => sandbox);
      const again = () => void workOnAll(parts, work, { sandboxes: limited, leftOut: [] });
      return limited[0] ? roomRemedy(parts, limited[0].accountId, again, limited) : {};
    };
    const work: Work = { doing, done, run, remedies };
    if (targets) await workOnAll(parts, work, targets);
  };

/** The Delete key means what is selected, which may be sessions, too. */
export async function deleteSelected(parts: Parts, argument: unknown, rows: unknown): Promise<void> {
  const selected = parts.view.selection;
  const onlySessions = selected.length > 0 && selected.every(({ kind }) => kind === 'session');
  if (argument === selection && onlySessions) return killSession(parts, selected[0], selected);
  const targets = await targetsOf(parts, 'delete', argument, rows);
  if (!targets) return;
  const { sandboxes, leftOut } = targets;
  if (leftOut.length > 0) void offerAnotherTry(parts, leftOut);
  if (sandboxes.length === 0 || !(await confirmDeletion(sandboxes))) return;
  await workOnAll(parts, deletion(parts), { sandboxes, leftOut: [] });
}

/** For sandboxes that are being deleted, which a service may never finish. */
async function offerAnotherTry(parts: Parts, sandboxes: readonly Sandbox[]): Promise<void> {
  const again = 'Try Again';
  const states = enumerate(sandboxes.map(nameAndState));
  const chosen = await vscode.window.showInformationMessage(`${states}: ${refusals.delete}`, again);
  if (chosen === again) await workOnAll(parts, deletionIn('deleting', parts), { sandboxes, leftOut: [] });
}

/** Asks once for all of them, by name. */
export async function confirmDeletion(
  sandboxes: readonly Sandbox[],
  question = `Delete ${namesOf(sandboxes)}?`,
): Promise<boolean> {
  const isOne = sandboxes.length === 1;
  const loss = `${isOne ? 'Its' : 'Their'} files, memory and terminals are lost. This cannot be undone.`;
  const detail = isOne ? loss : `${listed(sandboxes)}\n\n${loss}`;
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, 'Delete')) === 'Delete';
}

function listed(sandboxes: readonly Sandbox[]): string {
  const names = sandboxes.slice(0, namesInQuestion).map(({ name }) => message(name));
  const more = sandboxes.length - names.length;
  return [...names, ...(more > 0 ? [`… and ${more} more`] : [])].join('\n');
}
