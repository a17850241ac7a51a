import * as vscode from 'vscode';
import { actions, type Action } from '../../sandboxes/actions.ts';
import { describe } from '../../sandboxes/describe.ts';
import { message } from '../message.ts';
import type { Parts } from '../parts.ts';
import { targetOf } from './target.ts';

interface ActionItem extends vscode.QuickPickItem {
  readonly command: string;
}

/** Lets the user choose among what can be done with a sandbox now, and does it. */
export async function showActions(parts: Parts, argument: unknown): Promise<void> {
  const sandbox = await targetOf(parts, 'showDetails', argument);
  const node = sandbox && parts.view.nodeOf(sandbox);
  if (!node) return;
  const items = Array.from(actions(sandbox, node.provider), (action) => itemOf(parts, action));
  const placeHolder = `${message(sandbox.name)}: ${describe(sandbox, Date.now())}`;
  const chosen = await vscode.window.showQuickPick(items, { placeHolder });
  if (chosen) await vscode.commands.executeCommand(chosen.command, node);
}

/** An action has its command's name, title and icon. */
function itemOf({ manifest }: Parts, action: Action): ActionItem {
  const command = `sandboxExplorer.${action}`;
  const { title = action, icon } = manifest.commands.find((one) => one.command === command) ?? {};
  const id = /^\$\((.*)\)$/.exec(icon ?? '')?.[1];
  return { label: title, command, ...(id && { iconPath: new vscode.ThemeIcon(id) }) };
}
