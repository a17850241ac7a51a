import type * as vscode from 'vscode';
import { once } from './common/once.ts';
import { Redactor } from './common/redactor.ts';
import { Fleet } from './sandboxes/fleet.ts';
import { Forwards } from './sandboxes/forwards.ts';
import type { Sandbox } from './sandboxes/sandbox.ts';
import { Sessions } from './sandboxes/sessions.ts';
import { SharedUrls } from './sandboxes/sharedUrls.ts';
import { SnapshotLists } from './sandboxes/snapshotLists.ts';
import { Accounts } from './window/accounts/accounts.ts';
import { offerEnvironment } from './window/accounts/environment.ts';
import { Api } from './window/api/api.ts';
import type { SandboxExplorerApi } from './window/api/types.ts';
import { tellOfBroken } from './window/commands/forwards.ts';
import { registerCommands } from './window/commands/register.ts';
import { CreateMemory } from './window/createMemory.ts';
import { Details } from './window/details.ts';
import { EndNotices } from './window/endNotices.ts';
import { WindowArrangement } from './window/explorer/arrangement.ts';
import { Tree } from './window/explorer/tree.ts';
import { ExplorerView } from './window/explorer/view.ts';
import { labelsOfOld } from './window/labels.ts';
import { WindowLog } from './window/log.ts';
import { openLocal, openSharing } from './window/network.ts';
import type { Manifest } from './window/parts.ts';
import { remoteHost } from './window/remote/authority.ts';
import { RemoteWindow } from './window/remote/remoteWindow.ts';
import { Ssh } from './window/remote/ssh.ts';
import { settings } from './window/settings.ts';
import { TerminalStatus } from './window/terminals/statusBar.ts';
import { TerminalTabs } from './window/terminals/terminalTabs.ts';
import { registerUris } from './window/uri.ts';

/**
 * Builds the parts and hands them to each other. Nothing is asked or started before the user looks, unless there are
 * SSH hosts: these are served from the start, and Remote-SSH waits until the sandbox of its window can be reached.
 * @returns the door for other extensions
 */
export async function activate(context: vscode.ExtensionContext): Promise<SandboxExplorerApi> {
  const startedAt = performance.now();
  const keep = <T extends vscode.Disposable>(part: T): T => {
    context.subscriptions.push(part);
    return part;
  };
  const redactor = new Redactor();
  const log = keep(new WindowLog(redactor));
  const share = once(() => openSharing(context, log));
  const fleet = keep(new Fleet(share, () => labelsOfOld(context.globalState)));
  const dataFolder = once(async () => settings.localDataFolder());
  const loadLocal = async () => openLocal(context, log, await dataFolder());
  fleet.addAccount({ id: 'local', name: 'Local', provider: 'local' }, loadLocal, dataFolder);

  const accounts = keep(new Accounts({ fleet, secrets: context.secrets, share, log }));
  const memory = new CreateMemory(context.globalState, context.secrets);

  const sessions = new Sessions(fleet);
  const snapshots = new SnapshotLists(fleet);
  const urls = new SharedUrls();
  const forwards = keep(new Forwards(fleet));
  const tabs = keep(new TerminalTabs(fleet, sessions, log));
  const arrangement = keep(new WindowArrangement(context.workspaceState));
  const isAttached = (sandbox: Sandbox, sessionId: string) => tabs.isAttached(sandbox, sessionId);
  const tree = keep(new Tree({ fleet, sessions, snapshots, urls, forwards, arrangement, isAttached }));
  const view = keep(new ExplorerView(tree, fleet, arrangement));
  const details = keep(new Details(fleet, sessions, (text) => redactor.clean(text)));
  const nodeOf = (sandbox: Sandbox) => tree.sandboxNode(sandbox);
  keep(new TerminalStatus(fleet, tabs, nodeOf));
  keep(new EndNotices(fleet, nodeOf));
  const ssh = keep(new Ssh(context, fleet, log));
  const manifest = context.extension.packageJSON.contributes as Manifest;
  const known = { fleet, accounts, memory, sessions, snapshots, urls, forwards };
  const parts = { ...known, view, arrangement, details, tabs, ssh, log, manifest };
  keep(registerCommands(parts));
  keep(tellOfBroken(parts));
  keep(
    view.onFirstSight(() => {
      void accounts.heedOthers().then(() => offerEnvironment(parts, context.globalState, process.env));
    }),
  );
  keep(registerUris(parts));
  ssh.start();
  log.info(`Activated in ${(performance.now() - startedAt).toFixed(1)} ms`);
  const host = ssh.hasHosts() ? await remoteHost() : undefined;
  if (host !== undefined) await keep(new RemoteWindow(fleet, ssh, log, nodeOf)).prepare(host);
  return new Api({ fleet, sessions, tabs });
}
