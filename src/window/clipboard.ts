import * as vscode from 'vscode';
import { message } from './message.ts';

/** Long enough to read a sentence. */
const toldMs = 5_000;

/** Puts text on the clipboard, and tells it in the status bar as `Copied …`: the text, or `what` it is. */
export async function copyText(text: string, what: string = message(text)): Promise<void> {
  await vscode.env.clipboard.writeText(text);
  vscode.window.setStatusBarMessage(`Copied ${what}`, toldMs);
}
