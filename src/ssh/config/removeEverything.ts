import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { accessFile, isHostName, type SshFolder } from '../folder.ts';
import { betweenRenewals } from './betweenRenewals.ts';
import { fileFailure } from './failure.ts';
import { configFiles } from './files.ts';
import { hostsNamedIn } from './hostNames.ts';
import { includedFiles } from './included.ts';
import { knownEditors } from './knownEditors.ts';
import { alone, besideFolder, removeFolder, removeOurs } from './ourFolder.ts';
import { hasLine, removeInclude } from './userConfig.ts';

/**
 * Takes the hosts of these editors out of the SSH config, and, unless another one uses our folder, all that ever came of
 * us: the line in the user's configs, and our folder with its keys and credentials. Others of our processes write before
 * that or after it: what they have written before, stays.
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
    if (!(await isAnythingThere(folder, configs))) return [];
    return await alone(folder, async () => {
      await removeEditors(folder, editors);
      // One that was removed with all its extensions had no chance to tidy up.
      // One whose list is damaged, or a newer version's, may well be there.
      const others = (await knownEditors(folder)).filter(
        ({ index }) => !index || existsSync(index.extensions),
      );
      if (others.length > 0) return others.map(({ id, index }) => index?.editor ?? id);
      const known = (await includedFiles(folder)).map(({ file }) => file);
      for (const config of new Set([...known, ...configs])) await removeInclude(folder, config);
      await removeFolder(folder);
      return [];
    });
  } catch (error) {
    throw fileFailure(error, 'remove the SSH hosts', `Look at ${folder.root}, then try again.`);
  }
}

/** Where nothing ever was, none is made. */
async function isAnythingThere(folder: SshFolder, configs: readonly string[]): Promise<boolean> {
  if ([folder.root, ...Object.values(besideFolder(folder))].some((path) => existsSync(path))) return true;
  return (await Promise.all(configs.map((config) => hasLine(folder, config)))).includes(true);
}

async function removeEditors(folder: SshFolder, editors: ReadonlySet<string>): Promise<void> {
  const { fragments, indices } = configFiles(folder);
  const going = (await knownEditors(folder)).filter(({ id }) => editors.has(id));
  // A list that is damaged does not tell; what `ssh` reads still does.
  const named = going.map(async ({ id, index }) =>
    index ? Object.keys(index.hosts) : [...(await hostsNamedIn([join(fragments, id)]))].filter(isHostName),
  );
  const hosts = (await Promise.all(named)).flat();
  await betweenRenewals(folder, hosts, async () => {
    for (const id of editors) await removeOurs(join(fragments, id));
    for (const host of hosts) await removeOurs(accessFile(folder, host));
    // Last, for only what is in it is ever taken away.
    for (const id of editors) await removeOurs(join(indices, `${id}.json`));
  });
}
