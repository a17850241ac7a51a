import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ProviderError } from '../../sandboxes/errors.ts';
import { accessFile, namesIn, type SshFolder } from '../folder.ts';
import { betweenRenewals } from './betweenRenewals.ts';
import { fileFailure } from './failure.ts';
import { configFiles } from './files.ts';
import { fragmentText, type Host, type HostIndex, indexText, readIndex } from './fragment.ts';
import { chooseName, hostsNamedIn } from './hostNames.ts';
import { includedFiles } from './included.ts';
import { alone, insideFolder, removeOurs, writeOurs } from './ourFolder.ts';
import { knownEditors } from './knownEditors.ts';
import { removeOldVersions } from './oldVersions.ts';
import { nobody, readConfig } from './ssh.ts';
import { Survey } from './survey.ts';
import type { Written } from './userConfig.ts';

/** One installation of the extension: two editors, or two profiles of one, do not touch each other's hosts. */
export interface Editor {
  /** Letters, digits and hyphens; the same at every start. */
  readonly id: string;
  readonly name: string;
  /** The folder that holds the folders of its extensions. */
  readonly extensions: string;
}

/** What was put: the name of each host by its sandbox's key. */
export interface Put extends Written {
  readonly names: ReadonlyMap<string, string>;
}

/** Asked of a host while nobody renews its credentials. */
export type MayGo = (key: string, host: string) => Promise<boolean>;

/** The entries of one editor in the SSH config. Every call writes at once, and throws ProviderError and nothing else. */
export class SshHosts {
  readonly #folder: SshFolder;
  readonly #editor: Editor;
  readonly #configFile: string;

  /** @param configFile The user's own config, whose names are left to them. */
  constructor(folder: SshFolder, editor: Editor, configFile: string) {
    if (!/^[A-Za-z0-9-]{1,64}$/.test(editor.id))
      throw new ProviderError('invalid', 'This is no ID of an editor.');
    this.#folder = folder;
    this.#editor = editor;
    this.#configFile = configFile;
  }

  /** Begins to look at the user's configs for a sandbox's host: the one that it has, or the one that it will get. */
  async survey({ key, account, sandbox }: Pick<Host, 'key' | 'account' | 'sandbox'>): Promise<Survey> {
    const known = await this.nameOf(key);
    if (known !== undefined) return new Survey(this.#folder, known, false);
    return await this.#guard('read the SSH hosts', async () => {
      const taken = await this.#ownNames();
      for (;;) {
        const survey = new Survey(this.#folder, chooseName(account, sandbox, taken), true);
        const theirs = await this.#theirNames(survey);
        if (!theirs.has(survey.host)) return survey;
        for (const name of theirs) taken.add(name);
      }
    });
  }

  /**
   * Writes hosts, new and known ones; a known one keeps its name whatever its sandbox is called now.
   * @param install Answers the launcher that it has put there, while nobody can remove it again: from now on all of the
   *   editor's hosts start this one, so after an update of the extension no hosts at all are worth a call.
   * @param survey One that has looked at the user's configs already.
   */
  async put(
    hosts: readonly Host[],
    install: () => Promise<string>,
    survey = new Survey(this.#folder, nobody, false),
  ): Promise<Put> {
    return await this.#inside(async () => {
      const launcher = await install();
      const index = { ...(await this.#read()), launcher };
      const known = new Map(Object.entries(index.hosts).map(([name, { key }]) => [key, name]));
      const isNew = hosts.some(({ key }) => !known.has(key));
      const taken = isNew ? await this.#takenNames(survey) : new Set<string>();
      const named = hosts.map((host) => {
        const name = known.get(host.key) ?? chooseName(host.account, host.sandbox, taken);
        known.set(host.key, name);
        return [name, host] as const;
      });
      const next = { ...index, hosts: { ...index.hosts, ...Object.fromEntries(named) } };
      // In this order a crash between the two leaves a name that is kept free, and never two hosts of one name.
      await writeOurs(this.#indexFile(), indexText(next));
      const unchecked = await this.#writeFragment(next);
      // Only for tidiness: the next time will do as well.
      await removeOldVersions(this.#folder).catch(() => undefined);
      return { unchecked, names: new Map(named.map(([name, { key }]) => [key, name])) };
    });
  }

  /** Has our folder stay when another editor removes all that is its own, although this one has no hosts yet. */
  async register(): Promise<void> {
    await this.#inside(async () => {
      if (!existsSync(this.#indexFile())) await writeOurs(this.#indexFile(), indexText(await this.#read()));
    });
  }

  /** The name of a sandbox's host, if it has one. */
  async nameOf(key: string): Promise<string | undefined> {
    return (await this.names()).get(key);
  }

  /** The names of the hosts by their sandboxes' keys: of one account, or of all. */
  async names(accountId?: string): Promise<ReadonlyMap<string, string>> {
    const index = await this.#guard('read the SSH hosts', () => readIndex(this.#indexFile()));
    const hosts = Object.entries(index?.hosts ?? {});
    const meant = hosts.filter(([, host]) => accountId === undefined || host.accountId === accountId);
    return new Map(meant.map(([name, { key }]) => [key, name]));
  }

  /**
   * Takes away the hosts of these sandboxes, with their credentials, and answers their names.
   * @param mayGo For a removal that no user asks for: has the last word on each. Those that somebody is setting up stay.
   */
  async remove(keys: ReadonlySet<string>, mayGo?: MayGo): Promise<string[]> {
    // Mostly there are none, and then nothing is locked, made or written.
    const known = await this.names();
    if (![...keys].some((key) => known.has(key))) return [];
    return await this.#guard('remove SSH hosts', () => alone(this.#folder, () => this.#drop(keys, mayGo)));
  }

  async #drop(keys: ReadonlySet<string>, mayGo?: MayGo): Promise<string[]> {
    const index = await this.#read();
    const meant = Object.entries(index.hosts).filter(([, { key }]) => keys.has(key));
    const hosts = meant.map(([name]) => name);
    return await betweenRenewals(this.#folder, hosts, async (busy) => {
      const names: string[] = [];
      for (const [name, { key }] of meant) {
        if (!mayGo || (!busy.has(name) && (await mayGo(key, name)))) names.push(name);
      }
      // Another window may have removed them, and our folder, meanwhile.
      if (names.length === 0) return [];
      const left = Object.entries(index.hosts).filter(([name]) => !names.includes(name));
      const next = { ...index, hosts: Object.fromEntries(left) };
      await this.#writeFragment(next);
      await Promise.all(names.map((name) => removeOurs(accessFile(this.#folder, name))));
      // Last, for only what is in it is ever taken away.
      await writeOurs(this.#indexFile(), indexText(next));
      return names;
    });
  }

  #inside<T>(task: () => Promise<T>): Promise<T> {
    const { root } = this.#folder;
    return this.#guard(`set up SSH in ${root}`, () => insideFolder(this.#folder, task));
  }

  async #guard<T>(deed: string, task: () => Promise<T>): Promise<T> {
    try {
      return await task();
    } catch (error) {
      throw fileFailure(error, deed, `Look at ${this.#folder.root}, then try again.`);
    }
  }

  async #read(): Promise<HostIndex> {
    const { name, extensions } = this.#editor;
    const index = await readIndex(this.#indexFile());
    return { launcher: '', hosts: {}, ...index, editor: name, extensions };
  }

  /** Small letters only, as all our names are. */
  async #takenNames(survey: Survey): Promise<Set<string>> {
    return new Set([...(await this.#ownNames()), ...(await this.#theirNames(survey))]);
  }

  /** The names of our hosts, in every editor. */
  async #ownNames(): Promise<Set<string>> {
    const editors = await knownEditors(this.#folder);
    const listed = editors.flatMap(({ index }) => Object.keys(index?.hosts ?? {}));
    // A list that is damaged, or a newer version's, cannot be read; what `ssh` reads still can.
    const { fragments } = configFiles(this.#folder);
    const written = await hostsNamedIn(namesIn(fragments).map((name) => join(fragments, name)));
    return new Set([...listed, ...written]);
  }

  /** The names of the user's own hosts. */
  async #theirNames(survey: Survey): Promise<Set<string>> {
    const known = (await includedFiles(this.#folder)).map(({ file }) => file);
    const configs = [...new Set([this.#configFile, ...known])];
    const theirs = await Promise.all(configs.map((config) => survey.namedHosts(config)));
    return new Set(theirs.flatMap((names) => [...names]));
  }

  async #writeFragment(index: HostIndex): Promise<string | undefined> {
    const [first = nobody] = Object.keys(index.hosts);
    let unchecked: string | undefined;
    await writeOurs(this.#fragmentFile(), fragmentText(this.#folder, index), async (candidate) => {
      const reading = await readConfig(candidate, first);
      if (reading.kind === 'unknown') unchecked = reading.reason;
      if (reading.kind === 'refused') {
        throw new ProviderError(
          'protocol',
          `ssh would not read the hosts of Sandbox Explorer: ${reading.reason}.`,
        );
      }
    });
    return unchecked;
  }

  #indexFile = () => join(configFiles(this.#folder).indices, `${this.#editor.id}.json`);
  #fragmentFile = () => join(configFiles(this.#folder).fragments, this.#editor.id);
}
