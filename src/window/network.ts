import type * as vscode from 'vscode';
import type { Leap0Cloud } from '../providers/leap0/cloud.ts';
import type { Leap0AccountOptions } from '../providers/leap0/open.ts';
import type { Provider } from '../sandboxes/provider.ts';
import type { readVariables as readEnv } from '../sandboxes/envInput.ts';
import type { Sharing } from '../sandboxes/sharing.ts';
import type { IntegrationOptions, SshIntegration } from '../ssh/integration.ts';
import type { AccountSettings } from '../sandboxes/account.ts';
import type { WindowLog } from './log.ts';
import { SettingError, settings } from './settings.ts';

/** Loads the network bundle: the only door to it, and not opened before the first call. */
const load = () => import('../providers/index.ts');

export async function openLocal(
  context: vscode.ExtensionContext,
  log: WindowLog,
  dataFolder: string,
): Promise<Provider> {
  const providers = await load();
  const hide = (secret: string) => log.hide(secret);
  return providers.openLocal({
    program: context.asAbsolutePath('dist/engine.js'),
    dataFolder,
    timeouts: settings.timeouts,
    network: { settings: settings.network, hide },
    hide,
    log,
  });
}

/** Opens a Leap0 account of the user's. */
export async function openLeap0(
  { baseUrl, sandboxDomain, authHeader, bearer, requestTimeout }: AccountSettings,
  log: WindowLog,
  kept: Pick<Leap0AccountOptions, 'key' | 'revision' | 'knownIds' | 'signal'>,
): Promise<Leap0Cloud> {
  const providers = await load();
  const hide = (secret: string) => log.hide(secret);
  const timeouts = () => {
    const { callMs, createMs } = settings.timeouts();
    return { callMs: requestTimeout === undefined ? callMs : requestTimeout * 1000, createMs };
  };
  const network = { settings: settings.network, hide };
  const account = { baseUrl, sandboxDomain, authHeader, bearer };
  return providers.openLeap0({ ...kept, ...account, timeouts, network, hide, log });
}

/** Reads variables in the form of a `.env` file. */
export async function readVariables(text: string): Promise<ReturnType<typeof readEnv>> {
  return (await load()).readVariables(text);
}

/** What this window has in common with the other ones of this editor. */
export async function openSharing(context: vscode.ExtensionContext, log: WindowLog): Promise<Sharing> {
  const providers = await load();
  return providers.openSharing({ folder: context.globalStorageUri.fsPath, log });
}

/** What this installation does to the user's SSH config. */
export async function openSsh(
  context: vscode.ExtensionContext,
  log: WindowLog,
  place: Pick<IntegrationOptions, 'root' | 'editor'>,
): Promise<SshIntegration> {
  const providers = await load();
  const engine = process.platform === 'linux' ? context.asAbsolutePath('dist/engine.js') : undefined;
  return new providers.SshIntegration({
    ...place,
    configFile: settings.sshConfigFile,
    identityFile: settings.sshIdentityFile,
    identityFailure: ({ message }) =>
      new SettingError('ssh.identityFile', `names a key that cannot be used: ${message}`),
    program: context.asAbsolutePath('dist/ssh-proxy.js'),
    lent: { runtime: process.execPath, ...(engine && { engine }) },
    network: settings.network,
    onDidChangeNetwork: settings.onDidChangeNetwork,
    log,
  });
}
