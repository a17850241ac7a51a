import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { join, parse, sep } from 'node:path';
import { plain } from '../../common/text.ts';

/** Set while we only look: what an entry of ours runs while a config is read does nothing then. */
export const lookingOnly = 'SANDBOX_EXPLORER_LOOKING_ONLY';

/** The name of no host: it only serves to have a config read. */
export const nobody = 'sandbox-explorer-nobody';

/** Milliseconds: a config may run programs of the user's while it is read. */
const patienceMs = 10_000;

export interface SuccessfulReading {
  readonly kind: 'read';
  /** The lines of `ssh -G`: an option's name in lower case, with its values. */
  readonly options: ReadonlyMap<string, readonly string[]>;
  /** How it came to that: the lines of `ssh -vvv`. */
  readonly trace: readonly string[];
}

/** What `ssh` makes of a config for a host. */
export type Reading =
  | SuccessfulReading
  | { readonly kind: 'refused'; readonly reason: string }
  /** Nothing can be said: there is no `ssh` here, it cannot be started, or it takes too long. */
  | { readonly kind: 'unknown'; readonly reason: string };

/**
 * Asks `ssh` what it would do for a host; nothing is connected. The user's own config file is read as `ssh` itself
 * reads it, with the system's after it; any other one alone. One that is not there says nothing.
 * @param settled Lines of a config that come before the first one of the file.
 */
export async function readConfig(
  file: string,
  host: string,
  settled: readonly string[] = [],
): Promise<Reading> {
  const which = file === ownConfig() ? [] : ['-F', existsSync(file) ? file : 'none'];
  const args = ['-G', '-vvv', ...which, ...settled.flatMap((line) => ['-o', line]), '--', host];
  const { code, failure, output, errors } = await run(args, await ownerOf(file));
  if (failure !== undefined) return { kind: 'unknown', reason: failure };
  const trace = errors.split(/\r?\n/).map(decode);
  if (code !== 0) return { kind: 'refused', reason: reasonIn(trace) };
  return { kind: 'read', options: optionsIn(output), trace };
}

/** Whether a file is not in a folder of ours. */
export const isUsers = (file: string, ours: string): boolean => !file.startsWith(`${ours}${sep}`);

/** The file that `ssh` reads without being told. It asks the system for the home folder, never the environment. */
export const ownConfig = (): string => join(systemHome(), '.ssh', 'config');

export function systemHome(): string {
  try {
    return userInfo().homedir;
  } catch {
    // A user without an entry in the system's list.
    return homedir();
  }
}

interface End {
  readonly code?: number;
  /** Why it came to no end of its own. */
  readonly failure?: string;
}

interface Run extends End {
  readonly output: string;
  readonly errors: string;
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Whom root must be to read a config: `ssh` accepts nobody else's files, and a config may run programs. */
async function ownerOf(file: string): Promise<Owner | undefined> {
  return process.getuid?.() === 0 ? await stat(file).catch(() => undefined) : undefined;
}

function run(args: readonly string[], owner: Owner | undefined): Promise<Run> {
  const ssh = spawn('ssh', args, {
    ...(owner && { uid: owner.uid, gid: owner.gid }),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, [lookingOnly]: '1' },
    // Windows looks for a program in the working folder first, which may be anybody's.
    cwd: parse(process.execPath).root,
    windowsHide: true,
  });
  const parts: Record<'output' | 'errors', string[]> = { output: [], errors: [] };
  return new Promise((resolve) => {
    const finish = (end: End) => {
      clearTimeout(patience);
      resolve({ ...end, output: parts.output.join(''), errors: parts.errors.join('') });
    };
    const patience = setTimeout(() => {
      ssh.kill('SIGKILL');
      // A program that the config runs may hold the pipes for longer than we care.
      ssh.stdout.destroy();
      ssh.stderr.destroy();
      finish({ failure: 'ssh took too long to read it' });
    }, patienceMs);
    ssh.on('error', (error) => finish({ failure: whyNotStarted(error) }));
    // While too many files are open it gets no pipes, either.
    if (ssh.pid === undefined) return;
    ssh.stdout.setEncoding('utf8').on('data', (text: string) => parts.output.push(text));
    ssh.stderr.setEncoding('utf8').on('data', (text: string) => parts.errors.push(text));
    ssh.on('close', (code) => finish({ code: code ?? 1 }));
  });
}

/** For a person; goes on a sentence. */
export const whyNotStarted = ({ code, message }: NodeJS.ErrnoException): string =>
  code === 'ENOENT' ? 'there is no ssh program on this machine' : `ssh could not be started: ${message}`;

/** Undoes vis(3): in what it says about its work, `ssh` writes bytes beyond ASCII as `\\303`. */
function decode(line: string): string {
  const bytes = Buffer.from(line).toString('latin1');
  const plainBytes = bytes.replace(/\\(?:([0-3][0-7]{2})|\\)/g, (_, octal: string | undefined) =>
    octal === undefined ? '\\' : String.fromCharCode(Number.parseInt(octal, 8)),
  );
  return Buffer.from(plainBytes, 'latin1').toString();
}

function optionsIn(output: string): Map<string, string[]> {
  const options = new Map<string, string[]>();
  for (const line of output.split(/\r?\n/)) {
    const [, name, value] = /^(\S+) (.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) options.set(name, [...(options.get(name) ?? []), value]);
  }
  return options;
}

const noise = /^(debug\d: |OpenSSH_|Pseudo-terminal |.*: terminating, )/;

function reasonIn(trace: readonly string[]): string {
  const complaints = trace.map(plain).filter((line) => line !== '' && !noise.test(line));
  return complaints.slice(0, 2).join('; ') || 'ssh does not say why';
}
