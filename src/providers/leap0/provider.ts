import { ProviderError } from '../../sandboxes/errors.ts';
import type {
  CallOptions,
  CreateLimits,
  CreateRequest,
  Exec,
  ListOptions,
  Provider,
} from '../../sandboxes/provider.ts';
import type { SandboxRecord, SandboxState } from '../../sandboxes/sandbox.ts';
import { Leap0Api, type Leap0Options } from './api.ts';
import { Leap0Exec } from './exec.ts';
import { Leap0Terminals } from './terminals.ts';
import { limits } from './wire/limits.ts';
import type { SandboxAnswer } from './wire/responses.ts';

const states: Readonly<Record<string, SandboxState>> = {
  starting: 'starting',
  running: 'running',
  snapshotting: 'snapshotting',
  paused: 'paused',
  unpausing: 'resuming',
  stopping: 'stopping',
  stopped: 'stopped',
  deleting: 'deleting',
};

/** What a new sandbox is unless something else is asked for. */
export type Leap0Defaults = Pick<CreateLimits, 'templates' | 'templateName' | 'autoPause'> & {
  readonly timeoutMinutes: number;
};

/** A Leap0 account, or anything that speaks Leap0's protocol. Source: leap0.md. */
export class Leap0Provider implements Provider {
  readonly #api: Leap0Api;
  readonly createLimits: CreateLimits;
  readonly terminals: Leap0Terminals;
  readonly exec: Exec;

  constructor(options: Leap0Options & Leap0Defaults) {
    this.#api = new Leap0Api(options);
    this.terminals = new Leap0Terminals(this.#api, options);
    this.exec = new Leap0Exec(this.#api);
    this.createLimits = {
      templates: options.templates,
      ...(options.templateName && { templateName: options.templateName }),
      vcpu: limits.vcpu,
      memoryMib: limits.memoryMib,
      timeoutMinutes: { ...limits.timeoutMinutes, default: options.timeoutMinutes },
      autoPause: options.autoPause,
    };
  }

  async list(options: ListOptions = {}): Promise<readonly SandboxRecord[]> {
    const answers = await this.#api.list(options);
    return answers.filter(({ state }) => state !== 'deleted').map(toRecord);
  }

  async get(id: string, options: CallOptions = {}): Promise<SandboxRecord> {
    const answer = await this.#api.get(id, options);
    if (answer.state === 'deleted') throw new ProviderError('notFound', `The sandbox ${id} was deleted.`);
    return toRecord(answer);
  }

  create(request: CreateRequest, options: CallOptions = {}): Promise<SandboxRecord> {
    return this.#api.create(request, options).then(toRecord);
  }

  delete(id: string, options: CallOptions = {}): Promise<void> {
    return this.#api.delete(id, options);
  }

  readonly pause = (id: string, options: CallOptions = {}): Promise<SandboxRecord> =>
    this.#api.change(id, 'pause', options).then(toRecord);

  readonly stop = (id: string, options: CallOptions = {}): Promise<SandboxRecord> =>
    this.#api.change(id, 'stop', options).then(toRecord);

  readonly start = (id: string, options: CallOptions = {}): Promise<SandboxRecord> =>
    this.#api.change(id, 'start', options).then(toRecord);

  /** Leap0 has no call that resumes: a paused sandbox wakes by any request to it, and this is a cheap one. */
  readonly resume = async (id: string, options: CallOptions = {}): Promise<SandboxRecord> => {
    await this.#api.execute(id, 'true', options);
    return this.get(id, options);
  };

  dispose(): void {
    this.#api.dispose();
  }
}

function toRecord(answer: SandboxAnswer): SandboxRecord {
  return {
    id: answer.id,
    state: states[answer.state] ?? 'unknown',
    createdAt: answer.createdAt,
    template: answer.template,
    vcpu: answer.vcpu,
    memoryMib: answer.memoryMib,
    diskMib: answer.diskMib,
    endsAt: answer.timeoutAt,
    timeoutSeconds: answer.timeoutSeconds,
    autoPause: answer.autoPause,
    network: answer.network,
    warnings: answer.warnings,
  };
}
