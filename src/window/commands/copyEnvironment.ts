import * as vscode from 'vscode';
import { shellExports } from '../../common/engineEnvironment.ts';
import type { Parts } from '../parts.ts';
import { withProgress } from '../progress.ts';
import { accountOf } from './accounts.ts';

/** Copies what other programs need to use the account's sandboxes, as lines for a shell. */
export async function copyEnvironment(parts: Parts, argument: unknown): Promise<void> {
  const view = await accountOf(parts, 'copyEnvironment', argument);
  if (!view) return;
  const { openListener } = await parts.fleet.account(view.account.id).provider();
  if (!openListener) return;
  const title = 'Opening the local engine to other programs…';
  const address = await withProgress(title, (signal) => openListener({ signal }));
  await vscode.env.clipboard.writeText(shellExports(address));
  void vscode.window.showInformationMessage(
    "Copied the variables by which Leap0's SDKs find the local engine. They hold a secret: who has the key can use " +
      'your local sandboxes from this machine. It holds until the engine ends, 10 minutes after it was last needed.',
  );
}
