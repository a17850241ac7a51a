/** The sandboxes on disk: for each a folder with its record, its disk and its system files. */
import { existsSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import writeFileAtomic from 'write-file-atomic';
import type { DataFolder } from '../dataFolder.ts';
import { wipeFolder } from '../jail/wipe.ts';
import type { Tools } from '../jail/tools.ts';
import { sandboxRecord, type SandboxRecord } from './record.ts';

export interface SandboxFolder {
  disk: string;
  etc: string;
}

export class SandboxStore {
  readonly #folder: DataFolder;

  constructor(folder: DataFolder) {
    this.#folder = folder;
  }

  folderOf(id: string): SandboxFolder {
    return { disk: join(this.#folder.sandboxes, id, 'disk'), etc: join(this.#folder.sandboxes, id, 'etc') };
  }

  /** Makes the folder of a new sandbox. Until the first `save` it counts as half-made. */
  async make(id: string): Promise<void> {
    await mkdir(this.folderOf(id).disk, { recursive: true, mode: 0o755 });
  }

  /** Resolves when the record is on disk. */
  async save(record: SandboxRecord): Promise<void> {
    const path = join(this.#folder.sandboxes, record.id, recordName);
    await writeFileAtomic(path, `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600 });
  }

  /**
   * What an earlier engine left. Folders without a record were being made when it crashed: they go to the trash. One
   * with a record that cannot be read is somebody's work, and stays where it is.
   */
  load(): { records: SandboxRecord[]; unreadable: string[] } {
    const records: SandboxRecord[] = [];
    const unreadable: string[] = [];
    for (const id of readdirSync(this.#folder.sandboxes)) {
      const path = join(this.#folder.sandboxes, id, recordName);
      const record = readRecord(path);
      if (record?.id === id) records.push(record);
      else if (existsSync(path)) unreadable.push(id);
      else this.discard(id);
    }
    return { records, unreadable };
  }

  /** Takes a sandbox away, in one step that a crash cannot halve. */
  discard(id: string): void {
    const from = join(this.#folder.sandboxes, id);
    if (existsSync(from)) renameSync(from, join(this.#folder.trash, id));
  }

  /** Frees the space of what was discarded. */
  async wipe(id: string, findTools: () => Tools): Promise<void> {
    const folder = join(this.#folder.trash, id);
    const disk = join(folder, 'disk');
    if (existsSync(disk) && !removeEmpty(disk)) await wipeFolder(findTools(), disk);
    // What remains was written by the engine alone.
    rmSync(folder, { recursive: true, force: true });
  }

  discarded(): string[] {
    return readdirSync(this.#folder.trash);
  }
}

const recordName = 'sandbox.json';

function readRecord(path: string): SandboxRecord | undefined {
  try {
    const result = v.safeParse(sandboxRecord, JSON.parse(readFileSync(path, 'utf8')));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
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
