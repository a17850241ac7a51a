import type {
  CreateRequest,
  NetworkPolicyWire,
  SnapshotRestoreRequest,
} from '../../providers/leap0/wire/requests.ts';
import { invalidField, invalidFields, notFound } from '../http/httpError.ts';
import { environmentErrors } from '../jail/bootScript.ts';
import { findTools } from '../jail/tools.ts';
import type { LogFile } from '../logFile.ts';
import type { SnapshotRecord } from '../snapshot/record.ts';
import { newId } from '../storage/id.ts';
import { onlyTemplate, type NetworkMode, type SandboxRecord } from './record.ts';
import { Sandbox, type SandboxParts } from './sandbox.ts';
import type { SandboxStore } from './store.ts';

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

  /**
   * Resolves when the new sandbox runs.
   * @throws HttpError 400 for what the engine would not enforce, 503 when it can make no jail.
   */
  async create(request: CreateRequest): Promise<Sandbox> {
    return this.#add(newRecord(request), async () => undefined);
  }

  /**
   * Makes a sandbox with the disk and the sizes of a snapshot. Resolves when it runs.
   * @param fill copies the snapshot's disk into an empty one
   * @throws HttpError 400 for what the engine would not enforce, 503 when it can make no jail or no copy.
   */
  async restore(
    snapshot: SnapshotRecord,
    request: SnapshotRestoreRequest,
    fill: (disk: string) => Promise<void>,
  ): Promise<Sandbox> {
    return this.#add(restoredRecord(snapshot, request), fill);
  }

  async #add(record: SandboxRecord, fill: (disk: string) => Promise<void>): Promise<Sandbox> {
    const sandbox = new Sandbox(record, this.#parts());
    this.#sandboxes.set(record.id, sandbox);
    try {
      await sandbox.create(fill);
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
  if (request.mounts.length > 0) {
    errors.push({ field: 'mounts', error: 'must be empty: the local engine does not offer object storage' });
  }
  if (errors.length > 0) throw invalidFields(errors);
  return starting({
    template: request.templateName,
    vcpu: request.vcpu,
    memoryMib: request.memoryMib,
    timeoutSeconds: request.timeoutSeconds,
    autoPause: request.autoPause,
    envVars: request.envVars,
    wantedNetwork: networkMode(request.networkPolicy) ?? 'allow-all',
  });
}

function restoredRecord(snapshot: SnapshotRecord, request: SnapshotRestoreRequest): SandboxRecord {
  return starting({
    template: snapshot.template,
    vcpu: snapshot.vcpu,
    memoryMib: snapshot.memoryMib,
    timeoutSeconds: request.timeoutSeconds,
    autoPause: request.autoPause,
    envVars: snapshot.envVars,
    wantedNetwork: networkMode(request.networkPolicy) ?? snapshot.wantedNetwork,
  });
}

type Wishes = Pick<
  SandboxRecord,
  'template' | 'vcpu' | 'memoryMib' | 'timeoutSeconds' | 'autoPause' | 'envVars' | 'wantedNetwork'
>;

function starting(wishes: Wishes): SandboxRecord {
  const now = Date.now();
  return {
    ...wishes,
    id: newId('sbx'),
    network: wishes.wantedNetwork,
    warnings: [],
    state: 'starting',
    createdAt: now,
    launchedAt: now,
    stateChangedAt: now,
  };
}

/** @throws HttpError 400 for what the engine would not enforce */
function networkMode(policy: NetworkPolicyWire | undefined): NetworkMode | undefined {
  if (!policy) return undefined;
  const { mode } = policy;
  if (mode === 'custom') {
    throw invalidField(
      'network_policy.mode',
      'must be allow-all or deny-all: the local engine does not filter by domain or address',
    );
  }
  const errors = (['allow_domains', 'allow_cidrs', 'transforms'] as const)
    .filter((field) => policy[field]?.length)
    .map((field) => ({
      field: `network_policy.${field}`,
      error: 'must be empty: the local engine does not filter or change what a sandbox sends',
    }));
  if (errors.length > 0) throw invalidFields(errors);
  return mode;
}
