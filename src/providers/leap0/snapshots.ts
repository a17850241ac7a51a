import { advised, ProviderError } from '../../sandboxes/errors.ts';
import type { CallOptions } from '../../sandboxes/provider.ts';
import type { SandboxRecord } from '../../sandboxes/sandbox.ts';
import type { RestoreRequest, Snapshot, SnapshotRequest, Snapshots } from '../../sandboxes/snapshots.ts';
import type { Leap0Api, Leap0Options } from './api.ts';
import { hideHeaders } from './networkPolicy.ts';
import { limits } from './wire/limits.ts';
import type { SandboxAnswer } from './wire/responses.ts';

/** Who keeps the account's sandboxes. */
export interface SandboxKeeper {
  /** Has a sandbox made by a call, and takes it in. */
  make(options: CallOptions, call: (options: CallOptions) => Promise<SandboxAnswer>): Promise<SandboxRecord>;
  deleted(id: string): Promise<void>;
}

/** Named snapshots. Source: leap0-openapi.yaml, tag Snapshot. */
export class Leap0Snapshots implements Snapshots {
  readonly #api: Leap0Api;
  readonly #options: Pick<Leap0Options, 'hide'>;
  readonly #sandboxes: SandboxKeeper;
  readonly maxNameLength = limits.snapshotName.maxLength;
  readonly list?: NonNullable<Snapshots['list']>;

  constructor(api: Leap0Api, options: Pick<Leap0Options, 'hide' | 'dialect'>, sandboxes: SandboxKeeper) {
    this.#api = api;
    this.#options = options;
    this.#sandboxes = sandboxes;
    const { snapshotList } = options.dialect;
    if (snapshotList) this.list = (call = {}) => api.listSnapshots(snapshotList, call);
  }

  async create(sandboxId: string, request: SnapshotRequest, options: CallOptions = {}): Promise<Snapshot> {
    const snapshot = await this.#api
      .createSnapshot(sandboxId, request, options)
      .catch(
        advise(
          "Only a sandbox that runs can be snapshotted, and a snapshot's name is taken only once: wait until the " +
            'sandbox runs, or choose another name.',
        ),
      );
    if (request.deleteSandbox) await this.#sandboxes.deleted(sandboxId);
    return snapshot;
  }

  async restore(request: RestoreRequest, options: CallOptions = {}): Promise<SandboxRecord> {
    hideHeaders(request.network, this.#options.hide);
    return this.#sandboxes.make(options, (call) => this.#api.restoreSnapshot(request, call));
  }

  delete(id: string, options: CallOptions = {}): Promise<void> {
    return this.#api
      .deleteSnapshot(id, options)
      .catch(advise('A sandbox that was made of it still needs it: delete that sandbox first.'));
  }
}

/** Says what to do about a conflict (leap0-openapi.yaml, the answers 409 of `createSnapshot` and `deleteSnapshot`). */
const advise = (advice: string) => (thrown: unknown) => {
  const failure = ProviderError.from(thrown);
  throw failure.kind === 'conflict' ? advised(failure, advice) : failure;
};
