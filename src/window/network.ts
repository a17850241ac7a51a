import type * as vscode from 'vscode';
import type { Provider } from '../sandboxes/provider.ts';
import type { Sharing } from '../sandboxes/sharing.ts';
import type { WindowLog } from './log.ts';
import { settings } from './settings.ts';

/** Loads the network bundle: the only door to it, and not opened before the first call. */
const load = () => import('../providers/index.ts');

export async function openLocal(context: vscode.ExtensionContext, log: WindowLog): Promise<Provider> {
  const providers = await load();
  const hide = (secret: string) => log.hide(secret);
  return providers.openLocal({
    program: context.asAbsolutePath('dist/engine.js'),
    dataFolder: settings.localDataFolder(),
    timeouts: settings.timeouts,
    network: { settings: settings.network, hide },
    hide,
    log,
  });
}

/** What this window has in common with the other ones of this editor. */
export async function openSharing(context: vscode.ExtensionContext, log: WindowLog): Promise<Sharing> {
  const providers = await load();
  return providers.openSharing({ folder: context.globalStorageUri.fsPath, log });
}
