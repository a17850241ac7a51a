/** Why bubblewrap makes no jail on this machine, in words for the person who can change that. */
import { readFileSync } from 'node:fs';
import { HttpError } from '../http/httpError.ts';

const apparmorSwitch = '/proc/sys/kernel/apparmor_restrict_unprivileged_userns';

/**
 * The error for a jail that could not be made.
 * @param words What bubblewrap complained of; its last line is the reason.
 */
export function jailRefused(words: string, apparmorRestricts = isApparmorRestricting()): HttpError {
  const reason = (words.trim().split('\n').at(-1) ?? '').replace(/^bwrap: /, '');
  return new HttpError(503, explain(reason, apparmorRestricts));
}

/** The error for a program of the host that could not be started since there are too many; undefined for any other. */
export function processesExhausted(error: unknown): HttpError | undefined {
  const isExhausted =
    error instanceof Error &&
    'code' in error &&
    error.code === 'EAGAIN' &&
    'syscall' in error &&
    String(error.syscall).startsWith('spawn ');
  return isExhausted ? new HttpError(503, processesHelp(error.message)) : undefined;
}

function explain(reason: string, apparmorRestricts: boolean): string {
  if (/setting up uid map|RTM_NEWADDR|No permissions to creat(e|ing) new namespace/.test(reason)) {
    return apparmorRestricts ? apparmorHelp(reason) : namespacesHelp(reason);
  }
  if (/Can't mount proc on .*: Operation not permitted/.test(reason)) return maskedHelp(reason);
  if (/new namespace failed.*(ENOSPC|No space left on device)/.test(reason)) return limitHelp(reason);
  if (/Resource temporarily unavailable/.test(reason)) return processesHelp(reason);
  return `bubblewrap could not make a jail: ${reason || 'it ended without a message'}.`;
}

const apparmorHelp = (reason: string) =>
  `AppArmor does not let bubblewrap make a jail (${reason}). Allow it for bubblewrap alone: write ` +
  '"abi <abi/4.0>, include <tunables/global> profile bwrap /usr/bin/bwrap flags=(unconfined) { userns, }" to ' +
  '/etc/apparmor.d/bwrap and run "sudo apparmor_parser -r /etc/apparmor.d/bwrap". Or allow it for every program: ' +
  '"sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0".';

const namespacesHelp = (reason: string) =>
  `This system does not let bubblewrap make a jail (${reason}). Allow user namespaces, for instance with ` +
  '"sudo sysctl -w kernel.unprivileged_userns_clone=1" or, in a container, by its seccomp profile, and try again.';

const maskedHelp = (reason: string) =>
  `bubblewrap cannot make a jail, since parts of /proc are masked here, as in most containers (${reason}). Start the ` +
  'container with "--security-opt systempaths=unconfined" (Docker) or "--security-opt unmask=ALL" (Podman), and try ' +
  'again.';

const limitHelp = (reason: string) =>
  `This system allows no more namespaces (${reason}). Raise its limit, for instance with ` +
  '"sudo sysctl -w user.max_user_namespaces=15000", or end other sandboxes and containers, and try again.';

const processesHelp = (reason: string) =>
  `This system does not let you start more processes (${reason}). End some of yours, and try again. "ulimit -u" ` +
  'prints your limit; a container or a systemd unit may have one of its own.';

function isApparmorRestricting(): boolean {
  try {
    return readFileSync(apparmorSwitch, 'utf8').trim() === '1';
  } catch {
    return false;
  }
}
