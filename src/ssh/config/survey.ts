import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ProviderError } from '../../sandboxes/errors.ts';
import type { SshFolder } from '../folder.ts';
import { hostEntry } from '../hostEntry.ts';
import { findConflicts, findTrouble, type Outcome, type Trouble } from './conflicts.ts';
import { configFiles } from './files.ts';
import { namedHosts } from './hostNames.ts';
import { readConfig, type Reading } from './ssh.ts';
import { comesAcross } from './trace.ts';
import { addInclude, hasInclude, hasIncludeOnTop, type IncludePlan, planInclude } from './userConfig.ts';

interface Look {
  readonly reading: Reading;
  /** Whether our own config was there for `ssh` to come across. */
  readonly hadOurs: boolean;
  /** For a host without an entry: what goes wrong as soon as that is on top. */
  readonly trouble: Trouble | undefined;
}

/**
 * What `ssh` makes of the user's configs for one host, for as long as one action of theirs lasts. A config may run slow
 * programs, so each is read once, and again only where something has changed that the first reading says nothing of.
 */
export class Survey {
  readonly host: string;
  readonly #folder: SshFolder;
  readonly #looks = new Map<string, Promise<Look>>();
  /** The configs that have got our line, which `ssh` was seen to follow. */
  readonly #added = new Set<string>();
  /** The lines of the host's entry while that is not written: a config is read as if they were on its top. */
  #ahead: readonly string[];

  /** @param isNew Whether the host has no entry yet. */
  constructor(folder: SshFolder, host: string, isNew: boolean) {
    this.#folder = folder;
    this.host = host;
    this.#ahead = isNew ? optionsOfEntry(folder, host) : [];
  }

  /** The hosts that the user has named in a config, in small letters; patterns are none. */
  async namedHosts(file: string): Promise<Set<string>> {
    return await namedHosts(file, (await this.#look(file)).reading, this.#folder.root);
  }

  /** Whether `ssh` comes across our hosts by a config: as far as `ssh` can be asked, else by its text. */
  async reaches(file: string): Promise<boolean> {
    if (this.#added.has(file)) return true;
    const { reading, hadOurs } = await this.#look(file);
    if (reading.kind === 'refused') return false;
    if (reading.kind === 'unknown' || !hadOurs) return await hasInclude(this.#folder, file);
    return comesAcross(reading, configFiles(this.#folder).config);
  }

  /**
   * What `include` would do to a config: nothing when `ssh` comes across our hosts by it already, or the line is on its
   * top.
   * @throws ProviderError when the config cannot get the line
   */
  async plan(file: string): Promise<IncludePlan[]> {
    const { reading } = await this.#look(file);
    if (await this.reaches(file)) return [];
    if (reading.kind === 'refused' && (await hasInclude(this.#folder, file))) return [];
    const plan = await planInclude(this.#folder, file);
    // It may be there only since the config was read.
    if (plan.isOnTop) return [];
    if (reading.kind === 'refused') {
      throw new ProviderError(
        'invalid',
        `ssh cannot read ${file}, with our line or without: ${reading.reason}.`,
        { advice: 'Nothing was changed. Correct that, then try again.' },
      );
    }
    return [plan];
  }

  async include(plans: readonly IncludePlan[]): Promise<void> {
    for (const { name } of plans) {
      await addInclude(this.#folder, name);
      this.#added.add(name);
    }
    if (plans.length > 0) this.#forgetChanged();
  }

  /** Others may include a config that has got the line. */
  #forgetChanged(): void {
    for (const file of this.#looks.keys()) {
      if (!this.#isAhead || !this.#added.has(file)) this.#looks.delete(file);
    }
  }

  /** What of a config keeps `ssh` from the host, which has its entry. */
  async check(file: string): Promise<Outcome> {
    const { reading: first, trouble } = await this.#look(file);
    if (first.kind !== 'read') return first;
    if (trouble && (await this.#isOnTop(file))) {
      return { kind: 'read', reached: true, ...this.#belowOurLine(trouble) };
    }
    if (this.#isAhead) {
      // The entry is somewhere below rules of the user's.
      this.#ahead = [];
      this.#looks.clear();
    }
    const { reading } = await this.#look(file);
    return reading.kind === 'read' ? await findConflicts(this.#folder, this.host, reading) : reading;
  }

  get #isAhead(): boolean {
    return this.#ahead.length > 0;
  }

  #look(file: string): Promise<Look> {
    const look = this.#looks.get(file) ?? this.#lookNow(file);
    this.#looks.set(file, look);
    return look;
  }

  async #lookNow(file: string): Promise<Look> {
    const hadOurs = existsSync(configFiles(this.#folder).config);
    const isAhead = this.#isAhead;
    const reading = await readConfig(file, this.host, this.#ahead);
    const trouble = isAhead && reading.kind === 'read' ? await findTrouble(this.#folder, reading) : undefined;
    return { reading, hadOurs, trouble };
  }

  async #isOnTop(file: string): Promise<boolean> {
    if (this.#added.has(file)) return true;
    const { hadOurs } = await this.#look(file);
    return hadOurs && (await this.reaches(file)) && (await hasIncludeOnTop(this.#folder, file));
  }

  /** What was found before a config got our line is one line further down now. */
  #belowOurLine({ conflicts, longSocket }: Trouble): Trouble {
    const below = <T extends Pick<Trouble['conflicts'][number], 'rule'>>(found: T): T => {
      const { rule } = found;
      return rule && this.#added.has(rule.file)
        ? { ...found, rule: { ...rule, line: rule.line + 1 } }
        : found;
    };
    return { conflicts: conflicts.map(below), longSocket: longSocket && below(longSocket) };
  }
}

/** What a host's entry settles, whichever launcher it will start. */
function optionsOfEntry(folder: SshFolder, host: string): string[] {
  const [, ...options] = hostEntry(folder, join(folder.bin, 'ssh-proxy'), host).trim().split('\n');
  return options.map((line) => line.trim());
}
