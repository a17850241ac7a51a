import { homedir } from 'node:os';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { ProviderError } from '../../sandboxes/errors.ts';
import { systemHome } from './ssh.ts';
import { type Directive, parseLine } from './words.ts';

/**
 * The line that has `ssh` read a file of ours.
 * @param path May end in a pattern of file names, `/*`.
 * @throws ProviderError `invalid` when it cannot be told to every version of `ssh`.
 */
export function includeLine(path: string): string {
  const home = homedir();
  const below = relative(home, path);
  // With `~` the line is the same on every machine that shares the config. `ssh` looks for `~` in the environment
  // here and asks the system elsewhere, so both must say the same; and a pattern in its name would not be taken for one.
  const isBelow = !below.startsWith('..') && !isAbsolute(below);
  if (isBelow && home === systemHome() && !/[*?[\]{}]/.test(home)) {
    return `Include "~/${slashed(below)}"`;
  }
  // oxlint-disable-next-line no-control-regex -- control characters are what is refused
  if (/[\u0000-\u001f\u007f%$\\]/.test(slashed(path))) {
    throw new ProviderError('invalid', `An SSH config cannot name the folder ${JSON.stringify(path)}.`, {
      advice:
        'Its name must have no control characters and none of %, $ and backslash, which ssh would expand.',
    });
  }
  const [folder = '', pattern = ''] = /^(.*?)(\/\*)?$/.exec(slashed(path))?.slice(1) ?? [];
  const literal = folder.replace(/[*?[\]{}]/g, String.raw`\$&`).replaceAll('"', String.raw`\"`);
  return `Include "${literal}${pattern}"`;
}

/** OpenSSH for Windows takes both slashes, and open-remote-ssh only this one. */
const slashed = (path: string): string => (process.platform === 'win32' ? path.replaceAll('\\', '/') : path);

/**
 * Whether a config includes our file where that holds for every host: before the first `Host` and `Match`.
 * @param config Bytes as latin1, so that whatever they are they stay.
 */
export function includes(config: string, path: string): boolean {
  for (const line of config.split('\n')) {
    const directive = parseLine(line);
    if (directive?.keyword === 'host' || directive?.keyword === 'match') return false;
    if (directive?.keyword === 'include' && directive.args.some((arg) => isPath(arg, path))) return true;
  }
  return false;
}

/**
 * Whether our line is the first thing that a config says, so that no rule of the user's comes before ours.
 * @param config Bytes as latin1.
 */
export function isOnTop(config: string, path: string): boolean {
  const first = firstOf(config);
  return first?.keyword === 'include' && first.args[0] === firstOf(withInclude('', path))?.args[0];
}

function firstOf(config: string): Directive | undefined {
  for (const line of config.split('\n')) {
    const directive = parseLine(line);
    if (directive) return directive;
  }
  return undefined;
}

/** The config with our line on top, in the file's own kind of line ends. */
export function withInclude(config: string, path: string): string {
  const lineEnd = /^[^\n]*\r\n/.test(config) ? '\r\n' : '\n';
  return `${toLatin1(includeLine(path))}${lineEnd}${config}`;
}

/** The config without any line that includes our file and nothing else. */
export function withoutInclude(config: string, path: string): string {
  const lines = config.split(/(?<=\n)/);
  return lines.filter((line) => !isOurs(line, path)).join('');
}

function isOurs(line: string, path: string): boolean {
  const directive = parseLine(line);
  const [arg, ...others] = directive?.args ?? [];
  return directive?.keyword === 'include' && others.length === 0 && arg !== undefined && isPath(arg, path);
}

function isPath(arg: string, path: string): boolean {
  const named = Buffer.from(arg, 'latin1').toString();
  const literal = named.replace(/\\([*?[\]{}])/g, '$1');
  const ssh = join(homedir(), '.ssh');
  return [literal.replace(/^~(?=\/)/, homedir()), join(ssh, literal)].some(
    (each) => resolve(each) === resolve(path),
  );
}

const toLatin1 = (text: string): string => Buffer.from(text).toString('latin1');
