import * as vscode from 'vscode';
import { plain } from '../../common/text.ts';
import { actions } from '../../sandboxes/actions.ts';
import { describe } from '../../sandboxes/describe.ts';
import { isTransition, type Sandbox, type SandboxState } from '../../sandboxes/sandbox.ts';
import type { AccountNode, FailureNode, Node, SandboxNode, SessionNode } from './nodes.ts';
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
    case 'failure':
      return failureItem(node);
  }
}

function accountItem({ view }: AccountNode): vscode.TreeItem {
  const item = new vscode.TreeItem(view.account.name, Expanded);
  item.id = `account:${view.account.id}`;
  item.contextValue = 'account';
  item.iconPath = new vscode.ThemeIcon(view.account.id === 'local' ? 'home' : 'cloud');
  const { length } = view.sandboxes;
  item.description = view.listedAt === undefined ? '' : String(length);
  item.tooltip = `${view.account.name}: ${length} ${length === 1 ? 'sandbox' : 'sandboxes'}`;
  return item;
}

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
  item.contextValue = 'failure';
  item.tooltip = plain(node.message);
  item.iconPath = new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
  return item;
}

const icons: Readonly<Partial<Record<SandboxState, readonly [icon: string, color: string]>>> = {
  running: ['vm-running', 'charts.green'],
  paused: ['debug-pause', 'charts.yellow'],
  stopped: ['vm-outline', 'disabledForeground'],
};

function stateIcon(state: SandboxState): vscode.ThemeIcon {
  if (isTransition(state)) return new vscode.ThemeIcon('loading~spin');
  const [icon, color] = icons[state] ?? ['question', 'disabledForeground'];
  return new vscode.ThemeIcon(icon, new vscode.ThemeColor(color));
}

const accessibleLabel = (sandbox: Sandbox): string =>
  `Sandbox ${plain(sandbox.name)}, ${describe(sandbox, Date.now()).replaceAll(' · ', ', ')}`;
