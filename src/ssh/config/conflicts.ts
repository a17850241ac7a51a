import type { SshFolder } from '../folder.ts';
import { configFiles } from './files.ts';
import { readIfThere } from './replaceFile.ts';
import { isUsers, readConfig, type Reading, type SuccessfulReading } from './ssh.ts';
import { comesAcross, filesRead, inclusions } from './trace.ts';
import { type Directive, parseLine } from './words.ts';

/** A line of a config, from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** An option of one of our hosts that another rule of the user's has settled. */
export interface Conflict {
  /** In small letters, as `ssh -G` prints it. */
  readonly option: string;
  readonly wanted: string;
  readonly actual: string;
  /** The rule that wins, as far as that can be told. */
  readonly rule: Place | undefined;
}

/** A `ControlPath` of the user's that is no path for a socket, so that `ssh` gives up. */
export interface LongSocket {
  readonly path: string;
  /** Bytes that it may have. */
  readonly most: number;
  readonly rule: Place | undefined;
}

/** What of the user's rules keeps `ssh` from a host. */
export interface Trouble {
  readonly conflicts: readonly Conflict[];
  readonly longSocket: LongSocket | undefined;
}

export interface FoundTrouble extends Trouble {
  readonly kind: 'read';
  /** Whether `ssh` comes across our hosts at all. */
  readonly reached: boolean;
}

export type Outcome = FoundTrouble | Exclude<Reading, SuccessfulReading>;

/** What keeps commands from running, and our entries leave alone: OpenSSH before 8.7 knows neither. */
const leftToUser: Readonly<Record<string, string>> = { sessiontype: 'default', stdinnull: 'no' };

/** Compares what `ssh` would do for a host of ours with what its entry says. Nothing is connected, nor renewed. */
export async function findConflicts(
  folder: SshFolder,
  host: string,
  actual: SuccessfulReading,
): Promise<Outcome> {
  const { config } = configFiles(folder);
  const wanted = await readConfig(config, host);
  if (wanted.kind !== 'read') return wanted;
  const options = await optionsOf(host, filesRead(wanted));
  const settled = new Map(options.map((option) => [option, valueOf(wanted, option)]));
  return {
    kind: 'read',
    reached: comesAcross(actual, config),
    ...(await findTrouble(folder, actual, settled)),
  };
}

/** Looks for what goes wrong by the options that the entries leave to the user. */
export async function findTrouble(
  { root }: SshFolder,
  actual: SuccessfulReading,
  settled: ReadonlyMap<string, string | undefined> = new Map(),
): Promise<Trouble> {
  const left = Object.entries(leftToUser).filter(([option]) => actual.options.has(option));
  const lost = [...settled, ...left].filter(([option, value]) => valueOf(actual, option) !== value);
  const socket = longSocket(actual);
  const rules = lost.length > 0 || socket ? await rulesOfUser(actual, root) : [];
  const conflicts = lost.map(([option, value]) => {
    const won = valueOf(actual, option) ?? 'none';
    return { option, wanted: value ?? 'none', actual: won, rule: findRule(rules, option, won) };
  });
  return {
    conflicts,
    longSocket: socket && { ...socket, rule: findRule(rules, 'controlpath', socket.path) },
  };
}

/** Bytes of a socket's path, with the one that ends it. */
const socketPath = process.platform === 'linux' ? 108 : 104;
/** Characters that `ssh` puts behind the path while it makes a socket: a dot and 16 letters. */
const temporarySuffix = 17;

function longSocket(actual: SuccessfulReading): Pick<LongSocket, 'path' | 'most'> | undefined {
  const path = valueOf(actual, 'controlpath');
  // OpenSSH for Windows shares no connections.
  if (path === undefined || process.platform === 'win32') return undefined;
  const makes = !['false', 'no'].includes(valueOf(actual, 'controlmaster') ?? 'no');
  const most = socketPath - 1 - (makes ? temporarySuffix : 0);
  return Buffer.byteLength(path) > most ? { path, most } : undefined;
}

const valueOf = ({ options }: SuccessfulReading, option: string): string | undefined =>
  options.get(option)?.join(', ');

/** What the host's entry settles. */
async function optionsOf(host: string, files: readonly string[]): Promise<string[]> {
  const options = new Set<string>();
  for (const file of files) {
    let isInside = false;
    for (const line of await linesOf(file)) {
      const directive = parseLine(line);
      if (directive?.keyword === 'host') isInside = directive.args.includes(host);
      else if (directive && isInside) options.add(directive.keyword);
    }
  }
  return [...options];
}

interface Rule {
  readonly file: string;
  readonly line: number;
  readonly keyword: string;
  readonly value: string;
}

/** Options of which the first one that is found keeps the other out. */
const rivals: Readonly<Record<string, readonly string[]>> = { proxycommand: ['proxycommand', 'proxyjump'] };

/** The first rule that settles the option, best of all with the value that won. */
function findRule(rules: readonly Rule[], option: string, value: string): Conflict['rule'] {
  const keywords = rivals[option] ?? [option];
  const suspects = rules.filter(({ keyword }) => keywords.includes(keyword));
  const found = suspects.find((rule) => rule.value.toLowerCase() === value.toLowerCase()) ?? suspects[0];
  return found && { file: found.file, line: found.line };
}

/** The lines of the user's that hold for the host, by the account of `ssh` itself. */
async function rulesOfUser(reading: SuccessfulReading, ours: string): Promise<Rule[]> {
  const { trace } = reading;
  const included = inclusions(reading);
  const isInForce = (file: string) => {
    const times = included.filter((one) => one.file === file);
    return times.length === 0 || times.some(({ inForce }) => inForce);
  };
  const isApplied = (file: string, line: number) =>
    ['Applying', 'matched'].some((word) =>
      trace.some((said) => said.includes(`: ${file} line ${line}: ${word} `)),
    );
  const rules = filesRead(reading).map(async (file) => {
    if (!isUsers(file, ours)) return [];
    const holds = isInForce(file);
    let isInside = holds;
    return (await linesOf(file)).flatMap((text, at) => {
      const directive = parseLine(text);
      if (!directive) return [];
      const { keyword, args } = directive;
      if (isForAll(directive)) isInside = holds;
      else if (keyword === 'host' || keyword === 'match') isInside = isApplied(file, at + 1);
      return isInside ? [{ file, line: at + 1, keyword, value: args.join(' ') }] : [];
    });
  });
  return (await Promise.all(rules)).flat();
}

/** The one condition of which `ssh` does not tell that it is met. */
const isForAll = ({ keyword, args }: Directive): boolean =>
  keyword === 'match' && args.join(' ').toLowerCase() === 'all';

const linesOf = async (file: string): Promise<string[]> =>
  ((await readIfThere(file).catch(() => undefined))?.toString() ?? '').split('\n');
