import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { SshFolder } from '../folder.ts';
import { configFiles } from './files.ts';
import { type HostIndex, readIndex } from './fragment.ts';

/** An editor that uses our folder: for its hosts, or for the keys only. */
export interface KnownEditor {
  readonly id: string;
  /** Missing when its file is damaged. */
  readonly index: HostIndex | undefined;
}

/** The editors that use our folder. */
export async function knownEditors(folder: SshFolder): Promise<KnownEditor[]> {
  const { indices } = configFiles(folder);
  if (!existsSync(indices)) return [];
  const files = (await readdir(indices)).filter((name) => name.endsWith('.json') && !name.startsWith('.'));
  return await Promise.all(
    files.map(async (name) => ({
      id: basename(name, '.json'),
      index: await readIndex(join(indices, name)).catch(() => undefined),
    })),
  );
}
