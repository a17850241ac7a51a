import { ProviderError } from '../../sandboxes/errors.ts';
import { accessFile, type SshFolder } from '../folder.ts';
import { takeLock } from '../ownFiles.ts';

/** Milliseconds: the program that an editor runs to uninstall us has five seconds for everything. */
const patienceMs = 2_000;

/**
 * Runs a task that takes these hosts away, if possible while none of them is being renewed: what is renewed by then
 * goes with the host. A renewal that takes longer is not waited for: it finds that its host is gone.
 * @param task Hears which hosts others still have: whoever is not asked to take these away leaves them alone.
 */
export async function betweenRenewals<T>(
  folder: SshFolder,
  hosts: readonly string[],
  task: (busy: ReadonlySet<string>) => Promise<T>,
): Promise<T> {
  const busy = new Set<string>();
  const take = (host: string) =>
    takeLock(accessFile(folder, host), patienceMs).catch((thrown: unknown) => {
      // A lock that cannot be made for another reason is nobody's.
      if (ProviderError.from(thrown).kind === 'unavailable') busy.add(host);
      return async () => undefined;
    });
  const releases = await Promise.all(hosts.map(take));
  try {
    return await task(busy);
  } finally {
    await Promise.all(releases.map((release) => release()));
  }
}
