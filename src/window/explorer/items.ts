import * as vscode from 'vscode';
import { plain } from '../../common/text.ts';
import { actions } from '../../sandboxes/actions.ts';
import { describe } from '../../sandboxes/describe.ts';
import { isTransition, type Sandbox, type SandboxState } from '../../sandboxes/sandbox.ts';
import { moment } from './moment.ts';
import {
  idOf,
  type AccountNode,
  type FailureNode,
  type ForwardNode,
  type HiddenNode,
  type Node,
  type SandboxNode,
  type SessionNode,
  type SnapshotNode,
  type UrlNode,
} from './nodes.ts';
import { tooltip } from './tooltip.ts';

const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;

/** Turns a node of the tree into the row that VS Code shows. */
export function itemOf(node: Node): vscode.TreeItem {
  const item = faceOf(node);
  item.id = idOf(node);
  // Without it a screen reader says no more than the tooltip.
  item.accessibilityInformation ??= { label: spoken(item) };
  return item;
}

/** All that a row shows, in one string. A sandbox, since there may be thousands, is told without making its row. */
export function lookOf(node: Node): string {
  if (node.kind === 'sandbox') return JSON.stringify([node.sandbox, describe(node.sandbox, Date.now())]);
  const item = itemOf(node);
  const { label, description, iconPath, contextValue, tooltip: hover } = item;
  return JSON.stringify([label, description, iconPath, contextValue, hover, item.accessibilityInformation]);
}

function faceOf(node: Node): vscode.TreeItem {
  switch (node.kind) {
    case 'account':
      return accountItem(node);
    case 'sandbox':
      return sandboxItem(node);
    case 'session':
      return sessionItem(node);
    case 'url':
      return urlItem(node);
    case 'forward':
      return forwardItem(node);
    case 'snapshots':
      return snapshotsItem();
    case 'snapshot':
      return snapshotItem(node);
    case 'hidden':
      return hiddenItem(node);
    case 'failure':
      return failureItem(node);
  }
}

function accountItem({ view, shown, allowed }: AccountNode): vscode.TreeItem {
  const { account, sandboxes, listedAt, error } = view;
  const isRefused = error?.kind === 'unauthorized';
  const hidden = sandboxes.length - shown.length;
  const count = hidden > 0 ? `${shown.length} of ${sandboxes.length}` : String(sandboxes.length);
  const facts = [
    isRefused && signInAgain,
    listedAt !== undefined && countOf(sandboxes.length),
    hidden > 0 && `${hidden} hidden by the filter`,
  ].filter(Boolean);
  const item = new vscode.TreeItem(plain(account.name), Expanded);
  item.contextValue = ['account', ...allowed].join(' ');
  if (isRefused) item.description = signInAgain;
  else if (listedAt !== undefined) item.description = count;
  item.iconPath = isRefused
    ? new vscode.ThemeIcon('key', warningColor)
    : new vscode.ThemeIcon(account.id === 'local' ? 'home' : 'cloud');
  item.tooltip = [plain(account.name), ...facts].join(', ');
  item.accessibilityInformation = { label: `Account ${item.tooltip}` };
  return item;
}

const signInAgain = 'sign in again';

function hiddenItem({ count }: HiddenNode): vscode.TreeItem {
  const item = new vscode.TreeItem('Clear Filter', None);
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
  item.contextValue = ['sandbox', ...allowed].join(' ');
  item.description = describe(sandbox, Date.now());
  item.tooltip = tooltip(sandbox);
  item.iconPath = stateIcon(sandbox.state);
  item.accessibilityInformation = { label: accessibleLabel(sandbox) };
  return item;
}

function sessionItem(node: SessionNode): vscode.TreeItem {
  const { session, attached } = node;
  const item = new vscode.TreeItem(plain(session.id), None);
  item.contextValue = `session${node.hasUrl ? ' url' : ''}`;
  item.description = [attached ? 'attached' : 'detached', plain(session.cwd ?? '')]
    .filter(Boolean)
    .join(' · ');
  item.tooltip = attached ? 'A terminal of this window shows this session.' : 'Click to attach a terminal.';
  item.accessibilityInformation = { label: `Session ${spoken(item)}` };
  item.iconPath = new vscode.ThemeIcon(
    'terminal',
    attached ? new vscode.ThemeColor('charts.green') : undefined,
  );
  item.command = { command: 'sandboxExplorer.attachSession', title: 'Attach Terminal', arguments: [node] };
  return item;
}

function urlItem(node: UrlNode): vscode.TreeItem {
  const { url } = node;
  const item = new vscode.TreeItem(`Port ${url.port}`, None);
  item.contextValue = 'url';
  item.description = `open until ${moment(url.expiresAt)}`;
  item.tooltip = 'Whoever has the URL can use the port. Click to open it; Revoke ends it.';
  item.iconPath = new vscode.ThemeIcon('link-external');
  item.command = { command: 'sandboxExplorer.openUrl', title: 'Open URL', arguments: [node] };
  return item;
}

function forwardItem({ sandbox, forward }: ForwardNode): vscode.TreeItem {
  const { port, localPort } = forward;
  const address = `localhost:${localPort}`;
  const item = new vscode.TreeItem(address, None);
  item.contextValue = 'forward';
  item.description = `→ ${port}`;
  item.tooltip = `Programs on your machine reach port ${port} of ${plain(sandbox.name)} at ${address}, while this window is open and the sandbox runs.`;
  item.accessibilityInformation = { label: `Port ${port}, forwarded to ${address}` };
  item.iconPath = new vscode.ThemeIcon('plug', new vscode.ThemeColor('charts.green'));
  return item;
}

function snapshotsItem(): vscode.TreeItem {
  const item = new vscode.TreeItem('Snapshots', Collapsed);
  item.contextValue = 'snapshots';
  item.iconPath = new vscode.ThemeIcon('archive');
  return item;
}

function snapshotItem({ snapshot }: SnapshotNode): vscode.TreeItem {
  const item = new vscode.TreeItem(plain(snapshot.name), None);
  item.contextValue = 'snapshot';
  const created = snapshot.createdAt === undefined ? '' : moment(snapshot.createdAt);
  item.description = [created, plain(snapshot.template ?? snapshot.templateId ?? '')]
    .filter(Boolean)
    .join(' · ');
  item.tooltip = `${plain(snapshot.name)} (${plain(snapshot.id)})`;
  item.accessibilityInformation = { label: `Snapshot ${spoken(item)}` };
  item.iconPath = new vscode.ThemeIcon('device-camera');
  return item;
}

const warningColor = new vscode.ThemeColor('list.warningForeground');

function failureItem(node: FailureNode): vscode.TreeItem {
  const item = new vscode.TreeItem(node.isRefused ? 'Sign In Again…' : plain(node.message), None);
  item.contextValue = ['failure', node.setting && 'setting', node.isRefused && 'refused']
    .filter(Boolean)
    .join(' ');
  item.tooltip = plain(node.message);
  item.iconPath = new vscode.ThemeIcon(node.isRefused ? 'key' : 'warning', warningColor);
  item.accessibilityInformation = { label: `Warning: ${plain(node.message)}` };
  if (node.isRefused) {
    item.description = plain(node.message);
    item.accessibilityInformation = { label: spoken(item) };
    item.command = { command: 'sandboxExplorer.replaceKey', title: 'Replace Key…', arguments: [node] };
  }
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

/** A row for a screen reader: all that it shows in words. */
const spoken = ({ label, description }: vscode.TreeItem): string =>
  [label, description].filter(isText).join(', ').replaceAll(' · ', ', ');

const isText = (part: unknown): part is string => typeof part === 'string' && part !== '';

/** A sandbox for a screen reader. */
export const accessibleLabel = (sandbox: Sandbox): string =>
  `Sandbox ${plain(sandbox.name)}, ${describe(sandbox, Date.now()).replaceAll(' · ', ', ')}`;
