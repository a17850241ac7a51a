import { resolve } from 'node:path';
import type { SshFolder } from '../folder.ts';
import { configFiles } from './files.ts';
import { readIfThere } from './replaceFile.ts';
import { filesRead, isUsers, readConfig, type Reading, type SuccessfulReading } from './ssh.ts';
import { hasInclude } from './userConfig.ts';
import { type Directive, parseLine } from './words.ts';

/** An option of one of our hosts that another rule of the user's has settled. */
export interface Conflict {
  /** In small letters, as `ssh -G` prints it. */
  readonly option: string;
  readonly wanted: string;
  readonly actual: string;
  /** The rule that wins, as far as that can be told. */
  readonly rule: { readonly file: string; readonly line: number } | undefined;
}

/** What keeps commands from running, and our entries leave alone: OpenSSH before 8.7 knows neither. */
const unsettled = ['sessiontype', 'stdinnull'];

export type Outcome =
  | {
      readonly kind: 'read';
      /** Whether `ssh` comes across our hosts at all. */
      readonly reached: boolean;
      readonly conflicts: readonly Conflict[];
    }
  | Exclude<Reading, SuccessfulReading>;

/** Compares what `ssh` would do for a host of ours with what its entry says. Nothing is connected, nor renewed. */
export async function findConflicts(folder: SshFolder, configFile: string, host: string): Promise<Outcome> {
  const { config } = configFiles(folder);
  const [wanted, actual] = await Promise.all([readConfig(config, host), readConfig(configFile, host)]);
  if (wanted.kind !== 'read') return wanted;
  if (actual.kind !== 'read') return actual;
  const options = [...(await optionsOf(host, filesRead(wanted))), ...unsettled];
  const lost = options.filter((option) => valueOf(wanted, option) !== valueOf(actual, option));
  const rules = lost.length > 0 ? await rulesOfUser(actual, folder.root) : [];
  const conflicts = lost.map((option) => {
    const value = valueOf(actual, option) ?? 'none';
    return {
      option,
      wanted: valueOf(wanted, option) ?? 'none',
      actual: value,
      rule: findRule(rules, option, value),
    };
  });
  return { kind: 'read', reached: comesAcross(actual, config), conflicts };
}

/**
 * Whether `ssh` comes across our hosts by a config of the user's: as far as `ssh` can be asked, else by the line.
 * @param host One of ours.
 */
export async function isReached(folder: SshFolder, configFile: string, host: string): Promise<boolean> {
  const actual = await readConfig(configFile, host);
  if (actual.kind !== 'read') return hasInclude(folder, configFile);
  return comesAcross(actual, configFiles(folder).config);
}

const comesAcross = (reading: SuccessfulReading, config: string): boolean =>
  inclusions(reading).some(({ file, inForce }) => inForce && resolve(file) === resolve(config));

/** The files that were included; what is in one that is not in force, `ssh` only has a look at. */
function inclusions({ trace }: SuccessfulReading): { file: string; inForce: boolean }[] {
  const said = trace.map((line) => / line \d+: Including file (.+) depth \d+( \(parse only\))?$/.exec(line));
  return said.flatMap((found) => (found?.[1] ? [{ file: found[1], inForce: found[2] === undefined }] : []));
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
