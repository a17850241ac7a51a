import type * as vscode from 'vscode';
import { Redactor } from './common/redactor.ts';
import { Fleet } from './sandboxes/fleet.ts';
import { Sessions } from './sandboxes/sessions.ts';
import { Api } from './window/api/api.ts';
import type { SandboxExplorerApi } from './window/api/types.ts';
import { registerCommands } from './window/commands/register.ts';
import { Tree } from './window/explorer/tree.ts';
import { ExplorerView } from './window/explorer/view.ts';
import { StoredLabels } from './window/labels.ts';
import { WindowLog } from './window/log.ts';
import { openLocal } from './window/network.ts';
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
  const log = keep(new WindowLog(new Redactor()));
  const fleet = keep(new Fleet(new StoredLabels(context.globalState)));
  fleet.addAccount({ id: 'local', name: 'Local', provider: 'local' }, () => openLocal(context, log));

  const sessions = new Sessions(fleet);
  const tabs = keep(new TerminalTabs(fleet, sessions, log));
  const tree = keep(new Tree(fleet, sessions, (sandbox, sessionId) => tabs.isAttached(sandbox, sessionId)));
  const view = keep(new ExplorerView(tree, fleet));
  keep(registerCommands({ fleet, sessions, view, tabs, log }));
  return new Api({ fleet, sessions, tabs });
}
