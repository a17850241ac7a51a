import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { accessFile, type SshFolder } from '../folder.ts';
import { betweenRenewals } from './betweenRenewals.ts';
import { fileFailure } from './failure.ts';
import { configFiles } from './files.ts';
import { includedFiles } from './included.ts';
import { type KnownEditor, knownEditors } from './knownEditors.ts';
import { insideFolder } from './ourFolder.ts';
import { removeInclude } from './userConfig.ts';

/**
 * Takes the hosts of these editors out of the SSH config, and, unless another one has hosts, all that ever came of us:
 * the line in the user's configs, and our folder with its keys and credentials.
 * @param configs The user's configs that may have the line, beside those that are known to.
 * @returns The names of the other editors: empty when nothing is left.
 * @throws ProviderError when a config cannot be written; the folder is left then, for another try.
 */
export async function removeEverything(
  folder: SshFolder,
  configs: readonly string[],
  editors: ReadonlySet<string>,
): Promise<string[]> {
  try {
    if (existsSync(folder.root)) await removeEditors(folder, editors);
    // One that was removed with all its extensions had no chance to tidy up.
    // One whose list is damaged, or a newer version's, may well be there.
    const others = (await knownEditors(folder)).filter(({ index }) => !index || existsSync(index.extensions));
    if (others.length > 0) return others.map(({ id, index }) => index?.editor ?? id);
    const known = (await includedFiles(folder)).map(({ file }) => file);
    for (const config of new Set([...known, ...configs])) {
      await removeInclude(folder, config);
    }
    await rm(folder.root, { recursive: true, force: true });
    return [];
  } catch (error) {
    throw fileFailure(error, 'remove the SSH hosts', `Look at ${folder.root}, then try again.`);
  }
}

async function removeEditors(folder: SshFolder, editors: ReadonlySet<string>): Promise<void> {
  const going = async () => (await knownEditors(folder)).filter(({ id }) => editors.has(id));
  const hosts = (await going()).flatMap(hostsOf);
  const remove = async () => {
    for (const editor of await going()) await removeEditor(folder, editor);
  };
  await betweenRenewals(folder, hosts, () => insideFolder(folder, remove));
}

async function removeEditor(folder: SshFolder, editor: KnownEditor): Promise<void> {
  const { fragments, indices } = configFiles(folder);
  await rm(join(fragments, editor.id), { force: true });
  await Promise.all(hostsOf(editor).map((host) => rm(accessFile(folder, host), { force: true })));
  await rm(join(indices, `${editor.id}.json`));
}

const hostsOf = ({ index }: KnownEditor): string[] => Object.keys(index?.hosts ?? {});
