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
    'Copied, with a secret: LEAP0_API_KEY opens your local sandboxes to programs on this machine until the engine ends, ' +
      '10 minutes after it was last needed.',
  );
}
