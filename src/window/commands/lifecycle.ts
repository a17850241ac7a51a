import * as vscode from 'vscode';
import { plain } from '../../common/text.ts';
import type { Lifecycle } from '../../sandboxes/accountFleet.ts';
import { withProgress } from '../progress.ts';
import type { Parts } from '../parts.ts';
import { targetOf } from './target.ts';

/** The command that brings a sandbox into another state and waits until it is there. */
export const changeState =
  (lifecycle: Lifecycle, title: string) =>
  async (parts: Parts, argument: unknown): Promise<void> => {
    const sandbox = await targetOf(parts, lifecycle, argument);
    if (!sandbox) return;
    const account = parts.fleet.account(sandbox.accountId);
    await withProgress(`${title} ${plain(sandbox.name)}…`, async (signal) => {
      await account.change(sandbox.id, lifecycle, { signal });
      await account.settled(sandbox.id, signal);
    });
  };

export async function deleteSandboxes(parts: Parts, argument: unknown): Promise<void> {
  const sandbox = await targetOf(parts, 'delete', argument);
  if (!sandbox) return;
  const name = plain(sandbox.name);
  const answer = await vscode.window.showWarningMessage(
    `Delete ${name}?`,
    { modal: true, detail: 'Its files, its memory and its terminals are lost. This cannot be undone.' },
    'Delete',
  );
  if (answer !== 'Delete') return;
  const account = parts.fleet.account(sandbox.accountId);
  await withProgress(`Deleting ${name}…`, (signal) => account.delete(sandbox.id, { signal }));
  await parts.fleet.rename(sandbox, '');
}
