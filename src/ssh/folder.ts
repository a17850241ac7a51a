import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ProviderError } from '../sandboxes/errors.ts';

/** Our folder beside the user's own SSH files. Everything in it is for this user alone. */
export interface SshFolder {
  readonly root: string;
  /** A file per host: which sandbox it is, and the credentials. */
  readonly access: string;
  /** The launcher, and ssh-proxy itself. */
  readonly bin: string;
  /** The key by which ssh-proxy shows itself to the local client. */
  readonly hostKey: string;
  /** A file per editor, about what of it ssh-proxy may use. */
  readonly installations: string;
  readonly knownHosts: string;
  /** How the editor reaches the network. */
  readonly network: string;
  /** What a window and ssh-proxy know of each other and nobody else does. */
  readonly secret: string;
  /** A file per window that renews credentials. */
  readonly windows: string;
}

export function sshFolderAt(root: string): SshFolder {
  return {
    root,
    access: join(root, 'access'),
    bin: join(root, 'bin'),
    hostKey: join(root, 'host_key'),
    installations: join(root, 'installations'),
    knownHosts: join(root, 'known_hosts'),
    network: join(root, 'network.json'),
    secret: join(root, 'secret'),
    windows: join(root, 'windows'),
  };
}

/** Makes what is missing of the folder, and closes it to others. */
export function prepareSshFolder({ root, access, bin, installations, windows }: SshFolder): void {
  for (const path of [root, access, bin, installations, windows]) {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    chmodSync(path, 0o700);
  }
}

/** What is in a folder of ours; nothing while it is missing, or cannot be read. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Lower case, since `ssh` looks for a host in lower case; no pattern, no option, no path. */
const hostName = /^[a-z0-9](?:[a-z0-9._-]{0,98}[a-z0-9])?$/;

/** Whether a text may be the name of one of our hosts: in an SSH config, in `known_hosts` and as a file's name. */
export const isHostName = (text: string): boolean => hostName.test(text);

/**
 * The file about a host.
 * @throws ProviderError `invalid` when the name is none, so that it cannot lead out of the folder.
 */
export function accessFile(folder: SshFolder, host: string): string {
  if (!isHostName(host)) throw new ProviderError('invalid', 'This is not the name of an SSH host.');
  return join(folder.access, `${host}.json`);
}
