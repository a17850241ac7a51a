import type * as vscode from 'vscode';
import { isNode, type SessionNode } from '../explorer/nodes.ts';
import type { Parts } from '../parts.ts';
import { targetOf } from './target.ts';

export async function openTerminal(parts: Parts, argument: unknown): Promise<vscode.Terminal | undefined> {
  const sandbox = await targetOf(parts, 'openTerminal', argument);
  return sandbox && parts.tabs.open(sandbox);
}

export async function attachSession(parts: Parts, argument: unknown): Promise<vscode.Terminal | undefined> {
  const node = sessionOf(argument);
  return node && parts.tabs.open(node.sandbox, node.session);
}

export async function killSession(parts: Parts, argument: unknown): Promise<void> {
  const node = sessionOf(argument);
  if (node) await parts.tabs.kill(node.sandbox, node.session);
}

const sessionOf = (argument: unknown): SessionNode | undefined =>
  isNode(argument) && argument.kind === 'session' ? argument : undefined;
