import type * as vscode from 'vscode';
import { Redactor } from './common/redactor.ts';
import { Fleet } from './sandboxes/fleet.ts';
import type { Sandbox } from './sandboxes/sandbox.ts';
import { Sessions } from './sandboxes/sessions.ts';
import { Api } from './window/api/api.ts';
import type { SandboxExplorerApi } from './window/api/types.ts';
import { registerCommands } from './window/commands/register.ts';
import { Details } from './window/details.ts';
import { WindowArrangement } from './window/explorer/arrangement.ts';
import { Tree } from './window/explorer/tree.ts';
import { ExplorerView } from './window/explorer/view.ts';
import { labelsOfOld } from './window/labels.ts';
import { WindowLog } from './window/log.ts';
import { openLocal, openSharing } from './window/network.ts';
import type { Manifest } from './window/parts.ts';
import { TerminalStatus } from './window/terminals/statusBar.ts';
import { TerminalTabs } from './window/terminals/terminalTabs.ts';

/**
 * Builds the parts and hands them to each other. Nothing is asked or started before the user looks.
 * @returns the door for other extensions
 */
export function activate(context: vscode.ExtensionContext): SandboxExplorerApi {
  const keep = <T extends vscode.Disposable>(part: T): T => {
    context.subscriptions.push(part);
    return part;
  };
  const redactor = new Redactor();
  const log = keep(new WindowLog(redactor));
  const share = () => openSharing(context, log);
  const fleet = keep(new Fleet(share, () => labelsOfOld(context.globalState)));
  fleet.addAccount({ id: 'local', name: 'Local', provider: 'local' }, () => openLocal(context, log));

  const sessions = new Sessions(fleet);
  const tabs = keep(new TerminalTabs(fleet, sessions, log));
  const arrangement = keep(new WindowArrangement(context.workspaceState));
  const isAttached = (sandbox: Sandbox, sessionId: string) => tabs.isAttached(sandbox, sessionId);
  const tree = keep(new Tree(fleet, sessions, arrangement, isAttached));
  const view = keep(new ExplorerView(tree, fleet, arrangement));
  const details = keep(new Details(fleet, sessions, (text) => redactor.clean(text)));
  keep(new TerminalStatus(fleet, tabs, (sandbox) => tree.sandboxNode(sandbox)));
  const manifest = context.extension.packageJSON.contributes as Manifest;
  keep(registerCommands({ fleet, sessions, view, arrangement, details, tabs, log, manifest }));
  return new Api({ fleet, sessions, tabs });
}
