import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { NetworkSettings } from '../net/network.ts';

/**
 * The user's settings. Every one that names a path, a command or an address has the scope `application`: a
 * workspace cannot change it.
 */
const read = <T>(name: string, fallback: T): T =>
  vscode.workspace.getConfiguration('sandboxExplorer').get<T>(name) ?? fallback;

export const settings = {
  /** Milliseconds for a call, and for one that creates a sandbox. */
  timeouts: () => ({
    callMs: read('requestTimeout', 60) * 1000,
    createMs: read('createTimeout', 300) * 1000,
  }),

  /** Where the local engine keeps its sandboxes; the same for all editors of this user. */
  localDataFolder: (): string => read('local.dataFolder', '') || defaultDataFolder(),

  /** The editor's own settings of the network, for connections that it does not make itself. */
  network: (): NetworkSettings => {
    const http = vscode.workspace.getConfiguration('http');
    return {
      useProxy: http.get<string>('proxySupport') !== 'off',
      proxy: http.get<string>('proxy') ?? '',
      noProxy: http.get<string[]>('noProxy') ?? [],
      proxyAuthorization: http.get<string | null>('proxyAuthorization') ?? undefined,
      strictSsl: http.get<boolean>('proxyStrictSSL') ?? true,
      systemCertificates: http.get<boolean>('systemCertificates') ?? true,
      env: process.env,
    };
  },
};

function defaultDataFolder(): string {
  // Root's engine becomes a user of its own, who may not enter root's home.
  if (process.getuid?.() === 0) return '/var/lib/sandbox-explorer';
  const base = process.env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share');
  return join(base, 'sandbox-explorer');
}
