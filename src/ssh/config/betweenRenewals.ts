import { existsSync } from 'node:fs';
import { accessFile, type SshFolder } from '../folder.ts';
import { takeLock } from '../ownFiles.ts';

/** Milliseconds: the program that an editor runs to uninstall us has five seconds for everything. */
const patienceMs = 2_000;

/**
 * Runs a task that takes these hosts away, if possible while none of them is being renewed: what is renewed by then
 * goes with the host. A renewal that takes longer is not waited for: it finds that its host is gone.
 */
export async function betweenRenewals<T>(
  folder: SshFolder,
  hosts: readonly string[],
  task: () => Promise<T>,
): Promise<T> {
  const files = hosts.map((host) => accessFile(folder, host)).filter((file) => existsSync(file));
  const releases = await Promise.all(
    files.map((file) => takeLock(file, patienceMs).catch(() => async () => undefined)),
  );
  try {
    return await task();
  } finally {
    await Promise.all(releases.map((release) => release()));
  }
}
