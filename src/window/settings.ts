import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import * as vscode from 'vscode';
import type { NetworkSettings } from '../net/network.ts';
import { ProviderError } from '../sandboxes/errors.ts';
import { isFolder } from '../sandboxes/sessionInput.ts';

const section = 'sandboxExplorer';

/** A setting has a value that cannot be used. */
export class SettingError extends ProviderError {
  /** Its whole name, as the settings editor finds it. */
  readonly setting: string;

  constructor(name: string, problem: string) {
    super('invalid', `The setting ${section}.${name} ${problem}`);
    this.setting = `${section}.${name}`;
  }
}

/**
 * The user's settings. All have the scope `application`: a workspace cannot change them. Nothing keeps a user from
 * writing something else into settings.json than the manifest says, so it is checked where it is read.
 */
export const settings = {
  /** Milliseconds for a call, and for one after which a sandbox has to boot, or to be written down. */
  timeouts: () => ({
    callMs: seconds('requestTimeout', 60) * 1000,
    createMs: seconds('createTimeout', 300) * 1000,
  }),

  /**
   * Where the local engine keeps its sandboxes; the same for all editors of this user.
   * @throws SettingError when it is a relative path: nobody could tell to what
   */
  localDataFolder: (): string => absolutePath('local.dataFolder') || defaultDataFolder(),

  /** Where a terminal opens; nothing leaves it to VS Code's own setting. */
  terminalLocation: (): vscode.TerminalOptions['location'] => {
    switch (text('terminal.location')) {
      case 'panel':
        return vscode.TerminalLocation.Panel;
      case 'editor':
        return vscode.TerminalLocation.Editor;
      case 'beside':
        return { viewColumn: vscode.ViewColumn.Beside };
      default:
        return undefined;
    }
  },

  /**
   * The folder in the sandbox in which a new terminal starts; nothing leaves it to the service.
   * @throws SettingError when it is a relative path
   */
  terminalFolder: (): string | undefined => {
    const name = 'terminal.defaultFolder';
    const folder = text(name);
    if (folder === '' || isFolder(folder)) return folder || undefined;
    throw new SettingError(name, `must be an absolute path in the sandbox; it is “${folder}”.`);
  },

  /**
   * The user's SSH config; empty for the one that `ssh` reads without being told.
   * @throws SettingError when it is a relative path
   */
  sshConfigFile: (): string => absolutePath('ssh.configFile'),

  /**
   * The user's own private key for services that need one; empty for the pair that is the extension's.
   * @throws SettingError when it is a relative path
   */
  sshIdentityFile: (): string => absolutePath('ssh.identityFile'),

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

  onDidChangeNetwork: (listener: () => void): vscode.Disposable =>
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('http')) listener();
    }),
};

const read = (name: string): unknown => vscode.workspace.getConfiguration(section).get(name);

function text(name: string): string {
  const value = read(name);
  return typeof value === 'string' ? value.trim() : '';
}

/** A path on this machine, whose `~` is the home folder; empty where the setting is. */
function absolutePath(name: string): string {
  const path = expandHome(text(name));
  if (path === '' || isAbsolute(path)) return path;
  throw new SettingError(name, `must be an absolute path, or begin with ~/; it is “${path}”.`);
}

/** As a shell does it with a `~` at the beginning. */
export const expandHome = (path: string): string => path.replace(/^~(?=\/|$)/, homedir());

/** The range of every time-out, in seconds. */
const range = { min: 1, max: 3600 };

/** A number of seconds; one that is out of range counts as the nearest in it. */
function seconds(name: string, fallback: number): number {
  const value = read(name);
  if (typeof value !== 'number' || Number.isNaN(value)) return fallback;
  return Math.min(range.max, Math.max(range.min, value));
}

function defaultDataFolder(): string {
  // Root's engine becomes a user of its own, who may not enter root's home.
  if (process.getuid?.() === 0) return '/var/lib/sandbox-explorer';
  const base = process.env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share');
  return join(base, 'sandbox-explorer');
}
