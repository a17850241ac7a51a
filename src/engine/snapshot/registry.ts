import type { SnapshotCreateRequest } from '../../providers/leap0/wire/requests.ts';
import { conflict, HttpError, notFound } from '../http/httpError.ts';
import { copyDisk } from '../jail/copyDisk.ts';
import { processesExhausted } from '../jail/refusal.ts';
import { findTools } from '../jail/tools.ts';
import type { LogFile } from '../logFile.ts';
import { newId } from '../storage/id.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { SnapshotRecord } from './record.ts';
import type { SnapshotStore } from './store.ts';

/**
 * All snapshots of the engine. A snapshot is the disk of a sandbox as it was at one moment; it outlives the sandbox.
 * Memory and processes are not in it.
 */
export class SnapshotRegistry {
  readonly #snapshots = new Map<string, SnapshotRecord>();
  readonly #store: SnapshotStore;
  readonly #log: LogFile;
  /** Names of snapshots that are being made. */
  readonly #pending = new Set<string>();
  /** IDs of snapshots that are being restored, once for each time. */
  readonly #inUse: string[] = [];
  readonly #ending = new AbortController();

  constructor(store: SnapshotStore, log: LogFile) {
    this.#store = store;
    this.#log = log;
  }

  /** Takes over what an earlier engine left. */
  recover(): void {
    const { records, unreadable } = this.#store.load();
    for (const id of unreadable)
      this.#log.warn(`the record of ${id} cannot be read; its folder is left alone`);
    for (const record of records) this.#snapshots.set(record.id, record);
  }

  all(): SnapshotRecord[] {
    return Array.from(this.#snapshots.values());
  }

  /**
   * Makes a snapshot of a running sandbox, which rests meanwhile. Resolves when it is on disk, and, if so asked for,
   * the sandbox is gone.
   * @throws HttpError 409 when the name is taken or the sandbox does not run, 503 when the copy fails
   */
  async create(sandbox: Sandbox, request: SnapshotCreateRequest): Promise<SnapshotRecord> {
    const record = newRecord(sandbox, request);
    const { name } = record;
    if (this.#pending.has(name)) throw conflict(`A snapshot with the name ${name} is being made.`);
    if (this.#find(name)) throw conflict(`There is a snapshot with the name ${name} already.`);
    this.#pending.add(name);
    try {
      await sandbox.holdDisk(
        async (disk) => {
          await this.#copyInto(record, disk);
          this.#snapshots.set(record.id, record);
        },
        { thenDelete: request.kill_sandbox_after },
      );
      return record;
    } finally {
      this.#pending.delete(name);
    }
  }

  /**
   * Finds a snapshot by its name and keeps it from being deleted while `work` makes a sandbox of it.
   * @param work gets what copies the snapshot's disk into an empty one
   * @throws HttpError 404
   */
  async restore<T>(
    name: string,
    work: (record: SnapshotRecord, fill: (disk: string) => Promise<void>) => Promise<T>,
  ): Promise<T> {
    const record = this.#find(name);
    if (!record) throw notFound(`There is no snapshot with the name ${name}.`);
    this.#inUse.push(record.id);
    try {
      return await work(record, (disk) => this.#copy(this.#store.diskOf(record.id), disk, false));
    } finally {
      this.#inUse.splice(this.#inUse.indexOf(record.id), 1);
    }
  }

  /**
   * Resolves when it is gone, though a disk that resists is tried again at the next start of the engine.
   * @throws HttpError 404, or 409 while a sandbox is being made of it
   */
  async delete(id: string): Promise<void> {
    if (!this.#snapshots.has(id)) throw notFound('There is no such snapshot.');
    if (this.#inUse.includes(id)) throw conflict('The snapshot is being restored. Try again in a moment.');
    this.#store.discard(id);
    this.#snapshots.delete(id);
    await this.#wipe(id);
  }

  /** For the end of the engine: gives up what is being copied. */
  shutDown(): void {
    this.#ending.abort();
  }

  #find(name: string): SnapshotRecord | undefined {
    return this.all().find((record) => record.name === name);
  }

  async #copyInto(record: SnapshotRecord, disk: string): Promise<void> {
    try {
      await this.#store.make(record.id);
      await this.#copy(disk, this.#store.diskOf(record.id), true);
      await this.#store.save(record);
    } catch (error) {
      this.#store.discard(record.id);
      await this.#wipe(record.id);
      throw error;
    }
  }

  async #copy(from: string, to: string, durably: boolean): Promise<void> {
    const { signal } = this.#ending;
    try {
      await copyDisk(findTools(), from, to, { durably, signal });
    } catch (error) {
      if (error instanceof HttpError || processesExhausted(error)) throw error;
      if (signal.aborted) throw new HttpError(503, 'The engine is shutting down. Start it again.');
      this.#log.error(`copying ${from} failed`, error);
      throw new HttpError(503, `The disk could not be copied: ${reasonOf(error)}.`);
    }
  }

  async #wipe(id: string): Promise<void> {
    try {
      await this.#store.wipe(id, findTools);
    } catch (error) {
      this.#log.error(`wiping ${id} failed`, error);
    }
  }
}

function newRecord({ record }: Sandbox, { name }: SnapshotCreateRequest): SnapshotRecord {
  const { template, vcpu, memoryMib, envVars, wantedNetwork } = record;
  const id = newId('snap');
  return { id, name: name ?? id, template, vcpu, memoryMib, envVars, wantedNetwork, createdAt: Date.now() };
}

/** The kernel's reason, without the paths, which are the engine's own. */
const reasonOf = (error: unknown) =>
  (error instanceof Error ? error.message : String(error)).replace(/^.*: /s, '').toLowerCase();
