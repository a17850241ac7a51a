import * as vscode from 'vscode';
import { message } from '../message.ts';
import type { Parts } from '../parts.ts';
import { targetOf } from './target.ts';

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

export async function copyId(parts: Parts, argument: unknown): Promise<void> {
  const sandbox = await targetOf(parts, 'copyId', argument);
  if (!sandbox) return;
  await vscode.env.clipboard.writeText(sandbox.id);
  vscode.window.setStatusBarMessage(`Copied ${message(sandbox.id)}`, 3000);
}
