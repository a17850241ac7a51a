import { readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SshFolder } from '../folder.ts';
import { isOld } from '../installation.ts';
import { knownEditors } from './knownEditors.ts';

/** Removes the versions of ssh-proxy that no editor's hosts start any more. */
export async function removeOldVersions(folder: SshFolder): Promise<void> {
  const editors = await knownEditors(folder);
  // A damaged list may name any of them.
  if (editors.some(({ index }) => index === undefined)) return;
  const used = new Set(editors.map(({ index }) => dirname(index?.launcher ?? '')));
  const names = await readdir(folder.bin).catch(() => []);
  for (const place of names.map((name) => join(folder.bin, name))) {
    const found = await stat(place);
    if (found.isDirectory() && isOld(found.mtimeMs) && !used.has(place))
      await rm(place, { recursive: true, force: true });
  }
}
