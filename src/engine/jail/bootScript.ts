/**
 * How variables, folder and command reach a process in a jail. They travel as one shell script in one variable: as
 * arguments other people of the host could read them, and as variables of their own some (`LD_PRELOAD`, `PATH`) would
 * act on the programs that make the jail.
 */
import { resolve } from 'node:path/posix';
import { isVariableName, quote } from '../../common/shell.ts';
import { invalidField, type FieldError } from '../http/httpError.ts';

const scriptVariable = 'SANDBOX_BOOT';
/** The kernel's limit for one variable is 128 KiB, with its name. */
const maxScriptBytes = 120 * 1024;

/** What a shell runs to become the process. */
export const runScript = `eval "$${scriptVariable}"`;

export interface BootSpec {
  env: Record<string, string>;
  cwd: string;
  /** The shell words that the process becomes, quoted by `quote` where they hold data. */
  exec: string;
  /** Whether to go on in the home folder when `cwd` cannot be entered, rather than to fail with status 1. */
  cwdOptional: boolean;
}

/**
 * The environment to start a joining program with.
 * @throws HttpError 400 when variables and command together are too large.
 */
export function bootEnvironment(spec: BootSpec): Record<string, string> {
  const script = [
    `unset ${scriptVariable}`,
    ...Object.entries(spec.env).map(([name, value]) => `export ${name}=${quote(value)}`),
    'umask 022',
    `cd -- ${quote(spec.cwd)} || ${spec.cwdOptional ? `cd -- ${quote(homeFolder)}` : 'exit 1'}`,
    `exec ${spec.exec}`,
  ].join('\n');
  if (Buffer.byteLength(script) > maxScriptBytes) {
    throw invalidField(
      'command',
      'is too long together with the variables: at most 120 KiB; use a file for more',
    );
  }
  return { PATH: sandboxPath, SHELL: '/bin/sh', TERM: 'xterm-256color', [scriptVariable]: script };
}

export const homeFolder = '/home/user';

/** The folder that a call asks to begin in: the home folder unless it names one, which may be relative to that. */
export const folderOf = (cwd: string | null | undefined): string => resolve(homeFolder, cwd ?? '');

export const sandboxPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What every process has unless the sandbox or the call says otherwise. */
export const baseEnvironment = {
  PATH: sandboxPath,
  HOME: homeFolder,
  USER: 'user',
  LOGNAME: 'user',
  LANG: 'C.UTF-8',
} as const;

/** Names and values that no process could be given. */
export function environmentErrors(field: string, env: Record<string, string>): FieldError[] {
  return Object.entries(env).flatMap(([name, value]) => {
    if (!isVariableName(name)) {
      return { field: `${field}.${name}`, error: 'must be named with letters, digits and underscores' };
    }
    return value.includes('\0') ? { field: `${field}.${name}`, error: 'must not hold a NUL' } : [];
  });
}
