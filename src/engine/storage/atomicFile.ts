import { readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';

/** Resolves when the file, which only its owner may read, is on disk; until then it is what it was before. */
export async function writeAtomic(path: string, text: string): Promise<void> {
  await writeFileAtomic(path, text, { mode: 0o600 });
}

/** Removes what an engine that crashed had begun to write; no other may be writing there. */
export function removeHalfWritten(path: string): void {
  const folder = dirname(path);
  for (const name of readdirSync(folder)) {
    // write-file-atomic adds a number to the name until the file is whole.
    if (name.startsWith(`${basename(path)}.`)) rmSync(join(folder, name));
  }
}
