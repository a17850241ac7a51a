import * as v from 'valibot';
import type { SshFolder } from '../folder.ts';
import { configFiles } from './files.ts';
import { writeOurs } from './ourFolder.ts';
import { readIfThere } from './replaceFile.ts';

const included = v.array(
  v.object({
    /** A config of the user's that has our line. */
    file: v.string(),
    /** Whether it was made for the line: then it goes with it. */
    made: v.boolean(),
  }),
);

/** A config of the user's that has, or is about to get, our line. */
export type Included = v.InferOutput<typeof included>[number];

/** The configs that have our line as far as we know; none when that cannot be read, for it is only about tidiness. */
export async function includedFiles(folder: SshFolder): Promise<Included[]> {
  const text = (await readIfThere(configFiles(folder).included))?.toString() ?? '[]';
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), included), text);
  return result.success ? result.output : [];
}

export async function remember(folder: SshFolder, entry: Included): Promise<void> {
  const others = (await includedFiles(folder)).filter(({ file }) => file !== entry.file);
  await write(folder, [...others, entry]);
}

export async function forget(folder: SshFolder, file: string): Promise<void> {
  const known = await includedFiles(folder);
  if (known.some((entry) => entry.file === file)) {
    await write(
      folder,
      known.filter((entry) => entry.file !== file),
    );
  }
}

export async function wasMade(folder: SshFolder, file: string): Promise<boolean> {
  return (await includedFiles(folder)).some((entry) => entry.file === file && entry.made);
}

const write = (folder: SshFolder, entries: readonly Included[]): Promise<void> =>
  writeOurs(configFiles(folder).included, `${JSON.stringify(entries, undefined, 2)}\n`);
