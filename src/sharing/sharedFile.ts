import { existsSync, unwatchFile, watchFile } from 'node:fs';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as v from 'valibot';
import { firstFree } from '../common/text.ts';
import { removeHalfWritten, writeWhole } from '../common/wholeFile.ts';
import type { Disposable } from '../common/disposable.ts';
import type { Shared } from '../sandboxes/sharing.ts';
import { lock } from '../common/lock.ts';

/** Milliseconds between two looks at a file. Asking for its state works everywhere, which being told does not. */
const lookMs = 500;
/** A change takes milliseconds: whoever is not done by then has crashed. */
const lockMs = { stale: 2_000, wait: 5_000 };

/** A file that windows share: it is always whole, and changed by one window at a time. */
export class SharedFile<T> implements Shared<T> {
  readonly #path: string;
  readonly #schema: v.GenericSchema<unknown, T>;
  readonly #complain: (problem: unknown) => void;

  /** @param complain Is told why the file cannot be read or written; whoever asked is told, too. */
  constructor(path: string, schema: v.GenericSchema<unknown, T>, complain: (problem: unknown) => void) {
    this.#path = path;
    this.#schema = schema;
    this.#complain = complain;
  }

  async read(): Promise<T | undefined> {
    return this.#understand(await this.#text());
  }

  async update(change: (now: T | undefined) => T): Promise<T> {
    try {
      return await this.#update(change);
    } catch (problem) {
      this.#complain(problem);
      throw problem;
    }
  }

  watch(listener: () => void): Disposable {
    const changed = () => listener();
    watchFile(this.#path, { interval: lookMs, persistent: false }, changed);
    return { dispose: () => unwatchFile(this.#path, changed) };
  }

  async #update(change: (now: T | undefined) => T): Promise<T> {
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    const release = await lock(`${this.#path}.lock`, lockMs);
    try {
      removeHalfWritten(this.#path);
      const text = await this.#text();
      const now = this.#understand(text);
      const next = change(now);
      if (next === now) return next;
      // It may be the user's work, written by a version that is newer than this one.
      if (text !== undefined && now === undefined) {
        await rename(this.#path, firstFree(`${this.#path}.unreadable`, existsSync));
      }
      await writeWhole(this.#path, `${JSON.stringify(next)}\n`);
      return next;
    } finally {
      await release();
    }
  }

  async #text(): Promise<string | undefined> {
    try {
      return await readFile(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  #understand(text: string | undefined): T | undefined {
    if (text === undefined) return undefined;
    try {
      return v.parse(this.#schema, JSON.parse(text));
    } catch {
      return undefined;
    }
  }
}
