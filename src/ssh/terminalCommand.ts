import { quote } from '../common/shell.ts';
import { findConflicts } from './config/conflicts.ts';
import { configFiles } from './config/files.ts';
import { ownConfig } from './config/ssh.ts';
import { hasInclude } from './config/userConfig.ts';
import type { SshFolder } from './folder.ts';

/**
 * The command that a person types to get into the sandbox of a host: `ssh HOST` when `ssh` comes across our entries by
 * itself, else with the config that leads to them.
 * @param configFile The user's own config, which may be another file than `ssh` reads without being told.
 */
export async function sshCommandFor(folder: SshFolder, configFile: string, host: string): Promise<string> {
  if (await isReached(folder, host)) return `ssh ${host}`;
  const isIncluded = await hasInclude(folder, configFile);
  return `ssh -F ${shellWord(isIncluded ? configFile : configFiles(folder).config)} ${host}`;
}

async function isReached(folder: SshFolder, host: string): Promise<boolean> {
  const outcome = await findConflicts(folder, ownConfig(), host);
  return outcome.kind === 'read' ? outcome.reached : hasInclude(folder, ownConfig());
}

/** A path as one word of a shell's line: as it is where nothing in it means more there. */
export function shellWord(path: string, platform: NodeJS.Platform = process.platform): string {
  if (/^[\w./:@%+,=-]+$/.test(path)) return path;
  // Neither cmd nor PowerShell lets a file's name have a quotation mark.
  if (platform === 'win32') return `"${path}"`;
  return quote(path);
}
