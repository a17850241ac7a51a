/** The programs of the host that make a jail, and what to tell a person when one is missing. */
import { accessSync, constants } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { HttpError } from '../http/httpError.ts';

/** Where a jail's own `/usr` has them too; a person's PATH plays no part. */
const toolFolders = ['/usr/bin', '/usr/sbin', '/bin', '/sbin'];

/** Where OpenSSH's server for SFTP is: on Debian, Fedora, Arch and others. */
const sftpServers = ['openssh/sftp-server', 'ssh/sftp-server', 'sftp-server'].flatMap((path) => [
  `/usr/lib/${path}`,
  `/usr/libexec/${path}`,
]);

const packages = {
  bwrap: 'bubblewrap',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  prlimit: 'util-linux',
  script: 'bsdutils',
  flock: 'util-linux',
} as const;
type ToolName = keyof typeof packages;

export type Tools = Record<Exclude<ToolName, 'flock'>, string> & {
  /** Without it sandboxes have no network. */
  slirp4netns: string | undefined;
  bash: string | undefined;
  /** Without it SSH connections cannot forward ports and sockets. */
  perl: string | undefined;
  /** Without it SSH connections cannot transfer files. */
  sftpServer: string | undefined;
};

/** @throws HttpError 503 that names what to install. */
export function needTool(name: ToolName, folders: readonly string[] = toolFolders): string {
  const path = find(name, folders);
  if (path) return path;
  throw new HttpError(
    503,
    `Sandboxes on this machine need "${name}", which is not installed. ` +
      `Install it with "sudo apt install ${packages[name]}" or your system's package manager, and try again.`,
  );
}

/**
 * Looks again at every call, since a person installs what is missing while the engine runs.
 * @throws HttpError 503 that names what to install.
 */
export function findTools(folders: readonly string[] = toolFolders): Tools {
  return {
    bwrap: needTool('bwrap', folders),
    nsenter: needTool('nsenter', folders),
    setpriv: needTool('setpriv', folders),
    prlimit: needTool('prlimit', folders),
    script: needTool('script', folders),
    slirp4netns: find('slirp4netns', folders),
    bash: find('bash', folders),
    perl: find('perl', folders),
    sftpServer: sftpServers.find(isExecutable),
  };
}

const find = (name: string, folders: readonly string[]) =>
  folders.map((folder) => join(folder, name)).find(isExecutable);

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Since Linux 5.14 RLIMIT_NPROC counts per user namespace, that is per jail. Before, it would count every process of
 * the person who runs the engine.
 */
export function limitsProcessesPerJail(kernel = release()): boolean {
  const [major = 0, minor = 0] = kernel.split('.').map(Number);
  return major > 5 || (major === 5 && minor >= 14);
}

export const processesUnlimited =
  'Linux before 5.14 cannot limit the processes of one sandbox: a fork bomb can exhaust this machine.';
