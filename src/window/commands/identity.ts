import * as vscode from 'vscode';
import { copyText } from '../clipboard.ts';
import type { Parts } from '../parts.ts';
import { targetOf, targetsOf } from './target.ts';

const maxLabel = 64;

export async function renameSandbox(parts: Parts, argument: unknown): Promise<void> {
  const sandbox = await targetOf(parts, 'rename', argument);
  if (!sandbox) return;
  const label = await vscode.window.showInputBox({
    title: 'Rename Sandbox',
    prompt: 'A name of your own, kept in this editor. Leave it empty to show the ID again.',
    value: sandbox.name,
    validateInput: checkLabel,
  });
  if (label !== undefined) await parts.fleet.rename(sandbox, label === sandbox.id ? '' : label);
}

/** What is wrong with a label, or nothing. */
export function checkLabel(label: string): string | undefined {
  return label.trim().length > maxLabel ? `A name has at most ${maxLabel} characters.` : undefined;
}

export async function showDetails(parts: Parts, argument: unknown): Promise<void> {
  const sandbox = await targetOf(parts, 'showDetails', argument);
  if (sandbox) await parts.details.show(sandbox);
}

/** Copies one ID, or those of all selected rows, a line each. */
export async function copyId(parts: Parts, argument: unknown, rows: unknown): Promise<void> {
  const ids = (await targetsOf(parts, 'copyId', argument, rows))?.sandboxes.map(({ id }) => id);
  if (!ids) return;
  await copyText(ids.join('\n'), ids.length === 1 ? undefined : `${ids.length} IDs`);
}
