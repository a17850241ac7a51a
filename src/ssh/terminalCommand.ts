import { quote } from '../common/shell.ts';
import { configFiles } from './config/files.ts';
import { ownConfig } from './config/ssh.ts';
import type { Survey } from './config/survey.ts';
import type { SshFolder } from './folder.ts';

/**
 * The command that a person types to get into the sandbox of a host: `ssh HOST` when `ssh` comes across our entries by
 * itself, else with the config that leads to them.
 * @param configFile The user's own config, which may be another file than `ssh` reads without being told.
 */
export async function sshCommandFor(folder: SshFolder, configFile: string, survey: Survey): Promise<string> {
  const own = ownConfig();
  const { host } = survey;
  if (await survey.reaches(own)) return `ssh ${host}`;
  const isFound = configFile !== own && (await survey.reaches(configFile));
  return `ssh -F ${shellWord(isFound ? configFile : configFiles(folder).config)} ${host}`;
}

/** A path as one word of a shell's line: as it is where nothing in it means more there. */
export function shellWord(path: string, platform: NodeJS.Platform = process.platform): string {
  if (/^[\w./:@%+,=-]+$/.test(path)) return path;
  // Neither cmd nor PowerShell lets a file's name have a quotation mark.
  if (platform === 'win32') return `"${path}"`;
  return quote(path);
}
