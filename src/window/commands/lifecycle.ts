import * as vscode from 'vscode';
import type { Lifecycle } from '../../sandboxes/accountFleet.ts';
import { withProgress } from '../progress.ts';
import { message } from '../message.ts';
import type { Parts } from '../parts.ts';
import { killSession } from './terminals.ts';
import { selection, targetOf } from './target.ts';

/** The command that brings a sandbox into another state and waits until it is there. */
export const changeState =
  (lifecycle: Lifecycle, title: string) =>
  async (parts: Parts, argument: unknown): Promise<void> => {
    const sandbox = await targetOf(parts, lifecycle, argument);
    if (!sandbox) return;
    const account = parts.fleet.account(sandbox.accountId);
    await withProgress(`${title} ${message(sandbox.name)}…`, async (signal) => {
      await account.change(sandbox.id, lifecycle, { signal });
      parts.sessions.forget(sandbox);
      await account.settled(sandbox.id, signal);
    });
  };

/** The Delete key means what is selected, which may be a session, too. */
export async function deleteSelected(parts: Parts, argument: unknown): Promise<void> {
  const [node] = parts.view.selection;
  if (argument === selection && node?.kind === 'session') return killSession(parts, node);
  return deleteSandbox(parts, argument);
}

async function deleteSandbox(parts: Parts, argument: unknown): Promise<void> {
  const sandbox = await targetOf(parts, 'delete', argument);
  if (!sandbox) return;
  const name = message(sandbox.name);
  const answer = await vscode.window.showWarningMessage(
    `Delete ${name}?`,
    { modal: true, detail: 'Its files, its memory and its terminals are lost. This cannot be undone.' },
    'Delete',
  );
  if (answer !== 'Delete') return;
  const account = parts.fleet.account(sandbox.accountId);
  await withProgress(`Deleting ${name}…`, (signal) => account.delete(sandbox.id, { signal }));
}
