import { lstat, mkdir, chmod, chown, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { lock } from '../../common/lock.ts';
import { moveInto } from '../../common/wholeFile.ts';
import { staleMs } from '../ownFiles.ts';
import type { SshFolder } from '../folder.ts';
import { configFiles } from './files.ts';
import { includeLine } from './include.ts';
import { ignoreMissing, readIfThere, removeLeftovers, replaceFile } from './replaceFile.ts';

/** Milliseconds: longer than the lock of a process that died counts. */
const patienceMs = 20_000;

/**
 * Runs a task while no other process of ours writes to an SSH config, ours or the user's, or removes our folder. Clears
 * away what is left of one whose removal was cut off.
 */
export async function alone<T>(folder: SshFolder, task: () => Promise<T>): Promise<T> {
  const { lockFile, removed } = besideFolder(folder);
  await makeFolder(dirname(folder.root));
  const release = await lock(lockFile, { stale: staleMs, wait: patienceMs });
  try {
    // What cannot go yet keeps nobody from writing: the next one will do.
    await removeAll(removed).catch(() => undefined);
    return await task();
  } finally {
    await release();
  }
}

/** The same, and makes what our folder lacks before. */
export async function insideFolder<T>(folder: SshFolder, task: () => Promise<T>): Promise<T> {
  const { config, fragments, indices } = configFiles(folder);
  return await alone(folder, async () => {
    for (const path of [folder.root, fragments, indices]) await makePrivate(path);
    await writeOurs(config, configText(fragments));
    return await task();
  });
}

const configText = (fragments: string): string =>
  `# The SSH hosts of Sandbox Explorer: a file per editor, which the editor writes anew. Change your own config instead.
${includeLine(`${fragments}/*`)}
`;

/** Removes our folder, in one step for whoever looks at it. The caller is `alone`. */
export async function removeFolder(folder: SshFolder): Promise<void> {
  const { removed } = besideFolder(folder);
  await removeAll(removed);
  await moveInto(folder.root, removed).catch(ignoreMissing);
  await removeAll(removed);
}

/** What a virus scanner has open, that is for moments. */
const removeAll = (path: string): Promise<void> => rm(path, { recursive: true, force: true, maxRetries: 3 });

/** The lock, which must outlive our folder, and where that goes to be removed. */
export const besideFolder = ({ root }: SshFolder) => ({
  lockFile: `${root}.lock`,
  removed: `${root}.removed`,
});

/** Writes a file of ours, for this user alone, unless that is what it holds. */
export async function writeOurs(
  path: string,
  text: string,
  check?: (candidate: string) => Promise<void>,
): Promise<void> {
  const from = await readIfThere(path);
  const to = Buffer.from(text);
  if (from?.equals(to) && (await isPrivate(path))) return;
  await replaceFile(path, { from, to, mode: 0o600, ...(check && { check }) });
}

/** Removes a file of ours, with what a crash has left of it. */
export async function removeOurs(path: string): Promise<void> {
  await removeLeftovers(path);
  await rm(path, { force: true });
}

/** `ssh` refuses to start for any host at all when others can write to an included file. */
const isPrivate = async (path: string): Promise<boolean> =>
  process.platform === 'win32' || ((await stat(path)).mode & 0o777) === 0o600;

async function makePrivate(path: string): Promise<void> {
  await makeFolder(path);
  if (process.platform !== 'win32' && ((await stat(path)).mode & 0o777) !== 0o700) await chmod(path, 0o700);
}

/** Makes what is missing of a folder, for this user alone. */
export async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first !== undefined && process.getuid?.() === 0) await giveToOwnerOf(dirname(first), path, first);
}

/** What root makes in somebody's home is theirs. */
async function giveToOwnerOf(parent: string, path: string, first: string): Promise<void> {
  const { uid, gid } = await lstat(parent);
  if (uid === 0) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await chown(made, uid, gid);
}
