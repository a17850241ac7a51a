import { firstFree } from '../../common/text.ts';
import { isHostName } from '../folder.ts';
import { readIfThere } from './replaceFile.ts';
import { isUsers, type Reading } from './ssh.ts';
import { filesRead } from './trace.ts';
import { parseLine } from './words.ts';

/**
 * Characters of a name without the number that may follow: it is a part of the paths of sockets, by the user's
 * `ControlPath`, and those have about 90 characters for everything.
 */
const maxStem = 36;
/** Characters that an account keeps however long the sandbox's name is. */
const minAccount = 12;

/** A name such as `local-web-1` that nobody has; it is `taken` from then on. */
export function chooseName(account: string, sandbox: string, taken: Set<string>): string {
  const [first, second] = [slug(account) || 'account', slug(sandbox) || 'sandbox'];
  const last = shorten(second, maxStem - 1 - Math.min(first.length, minAccount));
  const stem = `${shorten(first, maxStem - 1 - last.length)}-${last}`;
  const name = firstFree(stem, (candidate) => taken.has(candidate) || !isHostName(candidate));
  taken.add(name);
  return name;
}

/** Small letters, digits and single hyphens between them, whatever the text was. */
function slug(text: string): string {
  const letters = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return letters.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
}

/**
 * Shortens a slug, between two words where that costs no more than half of it. A number at its end stays: often nothing
 * else tells one from another.
 */
function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  const [number = ''] = /-\d{1,4}$/.exec(text) ?? [];
  const room = most - number.length;
  const gap = text.lastIndexOf('-', room);
  return `${text.slice(0, gap >= room / 2 ? gap : room)}${number}`;
}

/**
 * The hosts that the user has named in a config, in small letters; patterns are none.
 * @param reading What `ssh` made of it for whichever host.
 * @param ours Our folder: what is in there does not count.
 */
export async function namedHosts(configFile: string, reading: Reading, ours: string): Promise<Set<string>> {
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
