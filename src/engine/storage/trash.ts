import { existsSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Tools } from '../jail/tools.ts';
import { wipeFolder } from '../jail/wipe.ts';

/** Folders whose deletion has been answered or begun. What a sandbox has written is in `disk`, the rest is ours. */
export class Trash {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Takes a folder away, in one step that a crash cannot halve. */
  take(folder: string): void {
    if (existsSync(folder)) renameSync(folder, join(this.#folder, basename(folder)));
  }

  names(): string[] {
    return readdirSync(this.#folder);
  }

  /** Frees the space of what was taken. */
  async wipe(name: string, findTools: () => Tools): Promise<void> {
    const folder = join(this.#folder, name);
    const disk = join(folder, 'disk');
    if (existsSync(disk) && !removeEmpty(disk)) await wipeFolder(findTools(), disk);
    // What remains was written by the engine alone.
    rmSync(folder, { recursive: true, force: true });
  }
}

function removeEmpty(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return false;
  }
}
