import { randomBytes } from 'node:crypto';
import type { CreateRequest } from '../../providers/leap0/wire/requests.ts';
import { invalidField, invalidFields, notFound } from '../http/httpError.ts';
import { environmentErrors } from '../jail/bootScript.ts';
import { findTools } from '../jail/tools.ts';
import type { LogFile } from '../logFile.ts';
import { onlyTemplate, type NetworkMode, type SandboxRecord } from './record.ts';
import { Sandbox, type SandboxParts } from './sandbox.ts';
import type { SandboxStore } from './store.ts';

const idAlphabet = 'abcdefghijklmnopqrstuvwxyz234567';
const idLength = 12;

/** All sandboxes of the engine. */
export class SandboxRegistry {
  readonly #sandboxes = new Map<string, Sandbox>();
  readonly #store: SandboxStore;
  readonly #log: LogFile;

  constructor(store: SandboxStore, log: LogFile) {
    this.#store = store;
    this.#log = log;
  }

  /** Takes over what an earlier engine left. What was alive then is stopped now, with its disk intact. */
  async recover(): Promise<void> {
    const { records, unreadable } = this.#store.load();
    for (const id of unreadable)
      this.#log.warn(`the record of ${id} cannot be read; its folder is left alone`);
    for (const record of records) {
      const { timeoutAt: _, ...rest } = record;
      const stopped: SandboxRecord =
        record.state === 'stopped' ? record : { ...rest, state: 'stopped', stateChangedAt: Date.now() };
      if (stopped !== record) await this.#store.save(stopped);
      this.#sandboxes.set(record.id, new Sandbox(stopped, this.#parts()));
    }
  }

  /** Frees the space of what an earlier engine had discarded. */
  async emptyTrash(): Promise<void> {
    for (const id of this.#store.discarded()) {
      try {
        await this.#store.wipe(id, findTools);
      } catch (error) {
        this.#log.error(`wiping ${id} failed`, error);
      }
    }
  }

  /**
   * Resolves when the new sandbox runs.
   * @throws HttpError 400 for what the engine would not enforce, 503 when it can make no jail.
   */
  async create(request: CreateRequest): Promise<Sandbox> {
    const sandbox = new Sandbox(newRecord(request), this.#parts());
    const { id } = sandbox.record;
    this.#sandboxes.set(id, sandbox);
    try {
      await sandbox.create();
    } catch (error) {
      await sandbox.discard();
      throw error;
    }
    return sandbox;
  }

  /** @throws HttpError 404 */
  get(id: string): Sandbox {
    const sandbox = this.#sandboxes.get(id);
    if (!sandbox) throw notFound('There is no such sandbox.');
    return sandbox;
  }

  all(): SandboxRecord[] {
    return Array.from(this.#sandboxes.values(), (sandbox) => sandbox.record);
  }

  /** Whether any sandbox would lose something if the engine ended. */
  hasLive(): boolean {
    return this.all().some(({ state }) => state !== 'stopped');
  }

  async shutDown(): Promise<void> {
    const ends = Array.from(this.#sandboxes.values(), (sandbox) => sandbox.shutDown());
    for (const end of await Promise.allSettled(ends)) {
      if (end.status === 'rejected') this.#log.error('a sandbox could not be shut down', end.reason);
    }
  }

  #parts(): SandboxParts {
    return {
      store: this.#store,
      log: this.#log,
      findTools,
      onDeleted: (id) => this.#sandboxes.delete(id),
    };
  }
}

function newRecord(request: CreateRequest): SandboxRecord {
  if (request.templateName !== onlyTemplate) {
    throw invalidField('template_name', `is unknown here: the local engine has only ${onlyTemplate}`);
  }
  const errors = environmentErrors('env_vars', request.envVars);
  if (errors.length > 0) throw invalidFields(errors);
  const network = networkMode(request);
  const now = Date.now();
  return {
    id: newId(),
    template: request.templateName,
    vcpu: request.vcpu,
    memoryMib: request.memoryMib,
    timeoutSeconds: request.timeoutSeconds,
    autoPause: request.autoPause,
    envVars: request.envVars,
    wantedNetwork: network,
    network,
    warnings: [],
    state: 'starting',
    createdAt: now,
    launchedAt: now,
    stateChangedAt: now,
  };
}

function networkMode(request: CreateRequest): NetworkMode {
  const mode = request.networkPolicy?.mode ?? 'allow-all';
  if (mode === 'custom') {
    throw invalidField(
      'network_policy.mode',
      'must be allow-all or deny-all: the local engine does not filter by domain or address',
    );
  }
  return mode;
}

function newId(): string {
  const letters = Array.from(randomBytes(idLength), (byte) => idAlphabet[byte % idAlphabet.length]);
  return `sbx-${letters.join('')}`;
}
