import type * as vscode from 'vscode';
import { isNode, type SessionNode } from '../explorer/nodes.ts';
import type { Parts } from '../parts.ts';
import { targetOf } from './target.ts';

export async function openTerminal(parts: Parts, argument: unknown): Promise<vscode.Terminal | undefined> {
  const sandbox = await targetOf(parts, 'openTerminal', argument);
  return sandbox && parts.tabs.open(sandbox);
}

export async function attachSession(parts: Parts, argument: unknown): Promise<vscode.Terminal | undefined> {
  const [node] = sessionsOf([argument]);
  return node && parts.tabs.open(node.sandbox, node.session);
}

/** Kills one session, or all that are selected. */
export async function killSession(parts: Parts, argument: unknown, rows: unknown): Promise<void> {
  const called = Array.isArray(rows) && rows.length > 0 ? rows : [argument];
  await Promise.all(sessionsOf(called).map(({ sandbox, session }) => parts.tabs.kill(sandbox, session)));
}

const sessionsOf = (rows: readonly unknown[]): SessionNode[] =>
  rows.filter((row): row is SessionNode => isNode(row) && row.kind === 'session');
