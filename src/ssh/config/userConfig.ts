import { dirname } from 'node:path';
import { ProviderError } from '../../sandboxes/errors.ts';
import type { SshFolder } from '../folder.ts';
import { fileFailure } from './failure.ts';
import { configFiles } from './files.ts';
import { demandWritable, findConfig, type Found, refusal, textOf } from './findConfig.ts';
import { includeLine, includes, isOnTop, withInclude, withoutInclude } from './include.ts';
import { forget, remember, wasMade } from './included.ts';
import { insideFolder, makeFolder, writeOurs } from './ourFolder.ts';
import { FileChangedError, removeFile, removeLeftovers, replaceFile } from './replaceFile.ts';
import { nobody, readConfig } from './ssh.ts';
import { comesAcross } from './trace.ts';

/** What `addInclude` would do, for the question that is asked before. */
export interface IncludePlan {
  /** The one line, without its end. */
  readonly line: string;
  /** The config as the user calls it. */
  readonly name: string;
  /** The file that gets it: what the config's symbolic links lead to. */
  readonly file: string;
  /** Whether the file is there already. */
  readonly exists: boolean;
  /** Whether the line is on its top already: then nothing is to be done. */
  readonly isOnTop: boolean;
}

export interface Written {
  /** Why `ssh` could not be asked whether it understands the file; missing when it does. */
  readonly unchecked: string | undefined;
}

/** An editor, or a tool for dotfiles, may write at the same moment; more often than this it is no moment any more. */
const maxTries = 5;
/** UTF-8's and UTF-16's. `ssh` takes each for part of a keyword that it does not know, and stops: then no host works. */
const byteOrderMark = /^(\u00ef\u00bb\u00bf|\u00ff\u00fe|\u00fe\u00ff)/;

/**
 * Tells what `addInclude` would do.
 * @throws ProviderError when it would refuse, with the reason.
 */
export async function planInclude(folder: SshFolder, configFile: string): Promise<IncludePlan> {
  const { config } = configFiles(folder);
  const line = includeLine(config);
  return await changing(configFile, adviceToAdd(line), async () => {
    const found = await findConfig(configFile);
    const isThere = isOnTop(textOf(found), config);
    if (!isThere) await demandFit(found);
    return { line, name: configFile, file: found.path, exists: found.bytes !== undefined, isOnTop: isThere };
  });
}

/** Whether our hosts are in the user's config, as far as its text says; false, too, when it cannot be read. */
export const hasInclude = (folder: SshFolder, configFile: string): Promise<boolean> =>
  says(configFile, (text) => includes(text, configFiles(folder).config));

/** Whether our line is the first thing that the user's config says; false, too, when it cannot be read. */
export const hasIncludeOnTop = (folder: SshFolder, configFile: string): Promise<boolean> =>
  says(configFile, (text) => isOnTop(text, configFiles(folder).config));

const says = (configFile: string, what: (text: string) => boolean): Promise<boolean> =>
  findConfig(configFile).then(
    (found) => what(textOf(found)),
    () => false,
  );

/**
 * Puts our line on top of the user's config, unless it is there. The config itself is not read by `ssh`, for it may run
 * slow programs: one that `ssh` reads stays so with a line on top that `ssh` reads. Without an `ssh` program the line is
 * written unchecked: there is none that it could break, and editors that bring their own SSH need the entries.
 * @throws ProviderError when the config must not or cannot be written; it is untouched then.
 */
export async function addInclude(folder: SshFolder, configFile: string): Promise<Written> {
  const { config } = configFiles(folder);
  return await changing(configFile, adviceToAdd(includeLine(config)), () =>
    insideFolder(folder, async () => {
      const found = await findConfig(configFile);
      if (isOnTop(textOf(found), config)) return { unchecked: undefined };
      await demandFit(found);
      await remember(folder, { file: configFile, made: found.bytes === undefined });
      await makeFolder(dirname(found.path));
      let unchecked: string | undefined;
      await replaceFile(found.path, {
        from: found.bytes,
        to: Buffer.from(withInclude(textOf(found), config), 'latin1'),
        check: async () => {
          unchecked = await checkLine(folder, configFile);
        },
      });
      return { unchecked };
    }),
  );
}

/**
 * Takes our line out of the user's config, wherever it stands, and with it the file when it was made for the line and
 * nothing else is in it. The caller is `alone`.
 * @throws ProviderError when the config cannot be written; it is untouched then.
 */
export async function removeInclude(folder: SshFolder, configFile: string): Promise<void> {
  await changing(configFile, adviceToRemove(folder), async () => {
    const found = await findConfig(configFile);
    await removeLeftovers(found.path);
    const rest = withoutInclude(textOf(found), configFiles(folder).config);
    if (rest !== textOf(found)) await takeOut(folder, found, rest);
    await forget(folder, configFile);
  });
}

/**
 * Whether `removeInclude` would take out a line.
 * @throws ProviderError when the config cannot be read.
 */
export async function hasLine(folder: SshFolder, configFile: string): Promise<boolean> {
  return await changing(configFile, adviceToRemove(folder), async () => {
    const text = textOf(await findConfig(configFile));
    return withoutInclude(text, configFiles(folder).config) !== text;
  });
}

async function takeOut(folder: SshFolder, found: Found, rest: string): Promise<void> {
  await demandWritable(found);
  if (rest === '' && (await wasMade(folder, found.name))) await removeFile(found.path, found.bytes);
  else await replaceFile(found.path, { from: found.bytes, to: Buffer.from(rest, 'latin1') });
}

async function demandFit(found: Found): Promise<void> {
  await demandWritable(found);
  if (byteOrderMark.test(textOf(found))) {
    throw refusal(
      found.name,
      'it begins with a byte order mark, and ssh reads no such file. Save it as UTF-8 without one',
    );
  }
}

/** Has `ssh` read the line before the config gets it; why that cannot be, if so. */
async function checkLine(folder: SshFolder, name: string): Promise<string | undefined> {
  const { config, line } = configFiles(folder);
  await writeOurs(line, `${includeLine(config)}\n`);
  const reading = await readConfig(line, nobody);
  if (reading.kind === 'unknown') return reading.reason;
  if (reading.kind === 'read' && comesAcross(reading, config)) return undefined;
  const problem =
    reading.kind === 'refused'
      ? `ssh would not read ${name} with our line: ${reading.reason}.`
      : `ssh would not find ${config} by our line in ${name}.`;
  throw new ProviderError('invalid', problem, { advice: 'Nothing was changed.' });
}

/** Tries again when somebody else has written meanwhile: they cannot be asked to wait. */
async function changing<T>(configFile: string, advice: string, task: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await task();
    } catch (error) {
      if (error instanceof FileChangedError && tries < maxTries) continue;
      throw fileFailure(error, `change ${configFile}`, advice);
    }
  }
}

const adviceToAdd = (line: string): string =>
  `Nothing was changed. You can put this line at its top yourself: ${line}`;

const adviceToRemove = (folder: SshFolder): string =>
  `You can take this line out of it yourself: ${includeLine(configFiles(folder).config)}`;
