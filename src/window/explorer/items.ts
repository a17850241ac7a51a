import * as vscode from 'vscode';
import { plain } from '../../common/text.ts';
import { actions } from '../../sandboxes/actions.ts';
import { describe } from '../../sandboxes/describe.ts';
import { isTransition, type Sandbox, type SandboxState } from '../../sandboxes/sandbox.ts';
import type { AccountNode, FailureNode, HiddenNode, Node, SandboxNode, SessionNode } from './nodes.ts';
import { tooltip } from './tooltip.ts';

const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;

/** Turns a node of the tree into the row that VS Code shows. */
export function itemOf(node: Node): vscode.TreeItem {
  switch (node.kind) {
    case 'account':
      return accountItem(node);
    case 'sandbox':
      return sandboxItem(node);
    case 'session':
      return sessionItem(node);
    case 'hidden':
      return hiddenItem(node);
    case 'failure':
      return failureItem(node);
  }
}

function accountItem({ view, shown }: AccountNode): vscode.TreeItem {
  const item = new vscode.TreeItem(view.account.name, Expanded);
  item.id = `account:${view.account.id}`;
  item.contextValue = 'account';
  item.iconPath = new vscode.ThemeIcon(view.account.id === 'local' ? 'home' : 'cloud');
  const { length } = view.sandboxes;
  const hidden = length - shown.length;
  if (view.listedAt !== undefined)
    item.description = hidden ? `${shown.length} of ${length}` : String(length);
  item.tooltip = `${view.account.name}: ${countOf(length)}${hidden ? `, ${hidden} hidden by the filter` : ''}`;
  return item;
}

function hiddenItem({ accountId, count }: HiddenNode): vscode.TreeItem {
  const item = new vscode.TreeItem('Clear Filter', None);
  item.id = `hidden:${accountId}`;
  item.contextValue = 'hidden';
  item.description = `${countOf(count)} hidden`;
  item.tooltip = 'The filter leaves nothing to show. Click to clear it.';
  item.iconPath = new vscode.ThemeIcon('filter-filled');
  item.command = { command: 'sandboxExplorer.clearFilter', title: 'Clear Filter' };
  return item;
}

const countOf = (count: number): string => `${count} ${count === 1 ? 'sandbox' : 'sandboxes'}`;

function sandboxItem({ sandbox, provider }: SandboxNode): vscode.TreeItem {
  const allowed = actions(sandbox, provider);
  const item = new vscode.TreeItem(plain(sandbox.name), allowed.has('openTerminal') ? Collapsed : None);
  item.id = `sandbox:${sandbox.key}`;
  item.contextValue = ['sandbox', ...allowed].join(' ');
  item.description = describe(sandbox, Date.now());
  item.tooltip = tooltip(sandbox);
  item.iconPath = stateIcon(sandbox.state);
  item.accessibilityInformation = { label: accessibleLabel(sandbox) };
  return item;
}

function sessionItem(node: SessionNode): vscode.TreeItem {
  const { sandbox, session, attached } = node;
  const item = new vscode.TreeItem(plain(session.id), None);
  item.id = `session:${sandbox.key}/${session.id}`;
  item.contextValue = session.active ? 'session active' : 'session';
  item.description = session.active
    ? [attached ? 'attached' : 'detached', plain(session.cwd ?? '')].join(' · ')
    : 'ended';
  item.tooltip = attached ? 'A terminal of this window shows this session.' : 'Click to attach a terminal.';
  item.iconPath = new vscode.ThemeIcon(
    'terminal',
    attached ? new vscode.ThemeColor('charts.green') : undefined,
  );
  if (session.active) {
    item.command = { command: 'sandboxExplorer.attachSession', title: 'Attach Terminal', arguments: [node] };
  }
  return item;
}

function failureItem(node: FailureNode): vscode.TreeItem {
  const item = new vscode.TreeItem(plain(node.message), None);
  item.id = `failure:${node.id}`;
  item.contextValue = node.setting ? 'failure setting' : 'failure';
  item.tooltip = plain(node.message);
  item.iconPath = new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
  return item;
}

const icons: Readonly<Partial<Record<SandboxState, readonly [icon: string, color: string]>>> = {
  running: ['vm-running', 'charts.green'],
  paused: ['debug-pause', 'charts.yellow'],
  stopped: ['vm-outline', 'disabledForeground'],
};

/** The icon of a state, with its colour. */
export function stateIcon(state: SandboxState): vscode.ThemeIcon {
  if (isTransition(state)) return new vscode.ThemeIcon('loading~spin');
  const [icon, color] = icons[state] ?? ['question', 'disabledForeground'];
  return new vscode.ThemeIcon(icon, new vscode.ThemeColor(color));
}

/** A sandbox for a screen reader. */
export const accessibleLabel = (sandbox: Sandbox): string =>
  `Sandbox ${plain(sandbox.name)}, ${describe(sandbox, Date.now()).replaceAll(' · ', ', ')}`;
