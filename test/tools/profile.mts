import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataFolder } from './dataFolder.mts';
import { stopEngine } from './engine.mts';

/** Everything that one VS Code owns, so that it meets nobody else's. */
export interface Profile {
  home: string;
  user: string;
  extensions: string;
  workspace: string;
  /** The local engine's. */
  data: string;
}

export type Settings = Record<string, unknown>;

const defaults: Settings = {
  // A window that shows the extension and not VS Code's own offers.
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.tips.enabled': false,
  'chat.disableAIFeatures': true,
  'extensions.ignoreRecommendations': true,
  'git.openRepositoryInParentFolders': 'never',
};

/** Makes what is missing of a profile. Settings of an earlier run stay, ours go on top. */
export async function prepareProfile(home: string, settings: Settings = {}): Promise<Profile> {
  const folder = (name: string) => join(home, name);
  await mkdir(home, { recursive: true });
  const profile: Profile = {
    home,
    user: folder('user'),
    extensions: folder('extensions'),
    workspace: folder('workspace'),
    data: dataFolder(home),
  };
  const userSettings = join(profile.user, 'User');
  const needed = [profile.extensions, profile.workspace, userSettings];
  await Promise.all(needed.map((path) => mkdir(path, { recursive: true })));
  await mergeSettings(join(userSettings, 'settings.json'), {
    ...defaults,
    'sandboxExplorer.local.dataFolder': profile.data,
    ...settings,
  });
  return profile;
}

async function mergeSettings(file: string, settings: Settings): Promise<void> {
  const earlier: unknown = existsSync(file) ? JSON.parse(await readFile(file, 'utf8')) : {};
  await writeFile(file, `${JSON.stringify(Object.assign({}, earlier, settings), null, 2)}\n`);
}

/** A profile for one test run. The short path leaves room for the sockets in it. */
export async function temporaryProfile(settings?: Settings): Promise<Profile> {
  const home = await mkdtemp(join(tmpdir(), 'sandbox-explorer-'));
  // Root's engine runs as another user, who has to get to its folder.
  await chmod(home, 0o711);
  return await prepareProfile(home, {
    'sandboxExplorer.ssh.configFile': join(home, '.ssh/config'),
    // The editor's SSH would look in the home that the system knows.
    'remote.SSH.configFile': join(home, '.ssh/config'),
    ...settings,
  });
}

/** Keeps a test run away from the person's own home, and from the marketplace. */
export function isolation(profile: Profile): NodeJS.ProcessEnv {
  return { HOME: profile.home, EXTENSIONS_GALLERY: '{}' };
}

/** Ends the engine that a profile's windows started, and removes the profile. */
export async function removeProfile(profile: Profile): Promise<void> {
  await stopEngine(profile.data);
  await rm(profile.home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
