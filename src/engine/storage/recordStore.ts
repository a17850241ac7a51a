import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import type { Tools } from '../jail/tools.ts';
import { flushFolder, removeHalfWritten, writeWhole } from '../../common/wholeFile.ts';
import { idPattern } from './id.ts';
import type { Trash } from './trash.ts';

/** Things on disk that have an ID, a record and a disk: a folder for each, half-made until its first record. */
export class RecordStore<R extends { id: string }> {
  readonly #folder: string;
  readonly #recordName: string;
  readonly #schema: v.GenericSchema<unknown, R>;
  readonly #idPattern: RegExp;
  readonly #trash: Trash;

  constructor(parts: {
    folder: string;
    recordName: string;
    schema: v.GenericSchema<unknown, R>;
    idPrefix: string;
    trash: Trash;
  }) {
    this.#folder = parts.folder;
    this.#recordName = parts.recordName;
    this.#schema = parts.schema;
    this.#idPattern = idPattern(parts.idPrefix);
    this.#trash = parts.trash;
  }

  folderOf(id: string): string {
    return join(this.#folder, id);
  }

  /** What a sandbox writes to: the engine never opens anything in it. */
  diskOf(id: string): string {
    return join(this.folderOf(id), 'disk');
  }

  /** Makes a folder with an empty disk. Until the first `save` it counts as half-made. */
  async make(id: string): Promise<void> {
    await mkdir(this.diskOf(id), { recursive: true, mode: 0o755 });
  }

  /** Resolves when the record is on disk. */
  async save(record: R): Promise<void> {
    const path = this.#recordOf(record.id);
    const isFirst = !existsSync(path);
    await writeWhole(path, `${JSON.stringify(record, undefined, 2)}\n`);
    if (!isFirst) return;
    // Of two records a power cut may bring back the older one, but without any its disk would count as half-made.
    for (const folder of [this.folderOf(record.id), this.#folder]) await flushFolder(folder);
  }

  /**
   * What an earlier engine left. Folders without a record were being made when it crashed: they go to the trash. One
   * with a record that cannot be read is somebody's work, as is what has no name of ours, and stays where it is.
   */
  load(): { records: R[]; unreadable: string[] } {
    const records: R[] = [];
    const unreadable: string[] = [];
    for (const id of readdirSync(this.#folder)) {
      const path = this.#recordOf(id);
      const record = this.#read(path);
      if (record?.id === id) {
        removeHalfWritten(path);
        records.push(record);
      } else if (this.#idPattern.test(id) && !existsSync(path)) this.discard(id);
      else unreadable.push(id);
    }
    return { records, unreadable };
  }

  /** Takes it away, in one step that a crash cannot halve. */
  discard(id: string): void {
    this.#trash.take(this.folderOf(id));
  }

  /** Frees the space of what was discarded. */
  async wipe(id: string, findTools: () => Tools): Promise<void> {
    await this.#trash.wipe(id, findTools);
  }

  #recordOf(id: string): string {
    return join(this.folderOf(id), this.#recordName);
  }

  #read(path: string): R | undefined {
    try {
      const result = v.safeParse(this.#schema, JSON.parse(readFileSync(path, 'utf8')));
      return result.success ? result.output : undefined;
    } catch {
      return undefined;
    }
  }
}
