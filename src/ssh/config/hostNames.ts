import { firstFree } from '../../common/text.ts';
import { isHostName } from '../folder.ts';
import { readIfThere } from './replaceFile.ts';
import { filesRead, isUsers, nobody, readConfig } from './ssh.ts';
import { parseLine } from './words.ts';

/** Characters of an account's and a sandbox's part: with a user's `ControlPath` around it, the whole stays a file's name. */
const maxPart = 24;

/** A name such as `local-web-1` that nobody has; it is `taken` from then on. */
export function chooseName(account: string, sandbox: string, taken: Set<string>): string {
  const stem = `${slug(account) || 'account'}-${slug(sandbox) || 'sandbox'}`;
  const name = firstFree(stem, (candidate) => taken.has(candidate) || !isHostName(candidate));
  taken.add(name);
  return name;
}

/** Small letters, digits and single hyphens between them, whatever the text was. */
function slug(text: string): string {
  const letters = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return letters
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, maxPart + 1)
    .replace(/^-|-$/g, '')
    .slice(0, maxPart)
    .replace(/-$/, '');
}

/**
 * The hosts that the user has named in a config, in small letters; patterns are none.
 * @param ours Our folder: what is in there does not count.
 */
export async function namedHosts(configFile: string, ours: string): Promise<Set<string>> {
  const reading = await readConfig(configFile, nobody);
  // With the files that it includes, for whichever host; without `ssh` only the config itself can be looked at.
  const included = reading.kind === 'read' ? filesRead(reading) : [];
  return await hostsNamedIn([...new Set([configFile, ...included])].filter((file) => isUsers(file, ours)));
}

/** The hosts that these files name, in small letters; what cannot be read names none. */
export async function hostsNamedIn(files: readonly string[]): Promise<Set<string>> {
  const texts = await Promise.all(files.map((file) => readIfThere(file).catch(() => undefined)));
  const directives = texts.flatMap((text) => (text?.toString() ?? '').split('\n')).map(parseLine);
  const names = directives.flatMap((directive) => (directive?.keyword === 'host' ? directive.args : []));
  return new Set(names.filter((name) => !/[*?!]/.test(name)).map((name) => name.toLowerCase()));
}
