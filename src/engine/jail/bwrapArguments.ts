import { lstatSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { homeFolder } from './bootScript.ts';
import { sharedEtc } from './systemFiles.ts';

/** The most processes and threads that a jail may have at once. */
export const maxProcesses = 1024;

export interface JailLayout {
  /** Becomes `/home/user`. */
  disk: string;
  /** Holds `systemFiles`. */
  etc: string;
  systemFiles: string[];
  hostname: string;
}

/** What bwrap prints on descriptor 3 is `{"child-pid": N, …}`; what the first process prints means it is ready. */
const infoDescriptor = 3;

export function bwrapArguments(layout: JailLayout, command: string[]): string[] {
  return [
    // With another uid than 0, or with --disable-userns, nobody but root could join the jail later.
    ['--unshare-user', '--uid', '0', '--gid', '0'],
    ['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-net', '--unshare-cgroup-try'],
    // As process 1 it cannot be killed from inside, and its end ends everything in the jail.
    ['--as-pid-1', '--die-with-parent', '--new-session', '--cap-drop', 'ALL'],
    ['--hostname', layout.hostname],
    ['--ro-bind', '/usr', '/usr', ...rootFolders()],
    layout.systemFiles.flatMap((name) => ['--ro-bind', join(layout.etc, name), `/etc/${name}`]),
    sharedEtc.flatMap((name) => ['--ro-bind-try', `/etc/${name}`, `/etc/${name}`]),
    ['--proc', '/proc', '--dev', '/dev', '--perms', '1777', '--tmpfs', '/tmp'],
    ['--dir', '/var', '--symlink', '../tmp', '/var/tmp', '--dir', '/run'],
    // Where Leap0's own examples put things; everything that lasts is in the home folder.
    ['--symlink', homeFolder.slice(1), '/workspace'],
    ['--bind', layout.disk, homeFolder, '--remount-ro', '/', '--chdir', '/'],
    ['--info-fd', String(infoDescriptor), '--', ...command],
  ].flat();
}

/** `/bin` and its like: links into `/usr` on today's systems, folders on older ones. */
export function rootFolders(): string[] {
  return ['/bin', '/sbin', '/lib', '/lib64', '/lib32', '/libx32'].flatMap((path) => {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (!found) return [];
    return found.isSymbolicLink() ? ['--symlink', readlinkSync(path), path] : ['--ro-bind', path, path];
  });
}

/**
 * Process 1 does nothing but be there until its input ends. It ignores SIGCHLD, so that orphans vanish when they end, and prints a line
 * when the jail's mounts are in place: whoever joined before would see the host's.
 */
export function firstProcess(prlimit: string, processLimit: boolean): string[] {
  const limit = processLimit ? `${prlimit} --nproc=${maxProcesses}:${maxProcesses} ` : '';
  return ['/bin/sh', '-c', `echo ready; exec env --ignore-signal=CHLD ${limit}cat >/dev/null 2>&1`];
}
