import { sleep } from '../../common/time.ts';
import { ProviderError } from '../../sandboxes/errors.ts';
import type { NetworkLimits } from '../../sandboxes/networkPolicy.ts';
import { variablesOf } from '../../sandboxes/otelExport.ts';
import type {
  CallOptions,
  CreateLimits,
  CreateRequest,
  Exec,
  ListOptions,
  Provider,
  SshAccessApi,
} from '../../sandboxes/provider.ts';
import type { SandboxRecord, SandboxState } from '../../sandboxes/sandbox.ts';
import { Leap0Api, type Leap0Options } from './api.ts';
import type { Verb } from './dialect.ts';
import { Leap0Exec } from './exec.ts';
import { hideHeaders } from './networkPolicy.ts';
import { Leap0Snapshots } from './snapshots.ts';
import { Leap0Ssh } from './ssh.ts';
import { Leap0Terminals } from './terminals.ts';
import { explainUnheard } from './unheard.ts';
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

/** Milliseconds between two questions whether a sandbox has woken up. */
const wakePollMs = 500;

type Change = (id: string, options?: CallOptions) => Promise<SandboxRecord>;

/** What a new sandbox is unless something else is asked for. */
export interface Leap0Defaults extends Pick<CreateLimits, 'templates' | 'templateName' | 'autoPause'> {
  readonly timeoutMinutes: number;
  readonly networkLimits: NetworkLimits;
}

export interface Leap0ProviderOptions extends Leap0Options, Leap0Defaults {
  /** Where the service is for everybody; missing where only we can reach it. */
  readonly baseUrl?: string;
  /** What is known of its SSH accesses beyond Leap0's documents. */
  readonly ssh?: Pick<SshAccessApi, 'service' | 'expiredMakesRoom'>;
}

/** Anything that speaks Leap0's protocol. */
export class Leap0Provider implements Provider {
  protected readonly api: Leap0Api;
  readonly #options: Leap0ProviderOptions;
  readonly createLimits: CreateLimits;
  readonly terminals: Leap0Terminals;
  readonly exec: Exec;
  readonly snapshots: Leap0Snapshots;
  readonly ssh: Leap0Ssh;
  readonly pause: Change;
  readonly stop?: Change;
  readonly start?: Change;

  constructor(options: Leap0ProviderOptions) {
    this.#options = options;
    this.api = new Leap0Api(options);
    this.terminals = new Leap0Terminals(this.api, options, options.baseUrl);
    this.exec = new Leap0Exec(this.api);
    this.snapshots = new Leap0Snapshots(this.api, options, {
      make: (call, restoring) => this.make(call, restoring),
      deleted: (id) => this.deleted(id),
    });
    this.ssh = new Leap0Ssh(this.api, options.dialect, options.ssh);
    const { verbs } = options.dialect;
    this.pause = this.#change('pause');
    if (verbs.has('stop')) this.stop = this.#change('stop');
    if (verbs.has('start')) this.start = this.#change('start');
    this.createLimits = {
      templates: options.templates,
      ...(options.templateName && { templateName: options.templateName }),
      vcpu: limits.vcpu,
      memoryMib: limits.memoryMib,
      timeoutMinutes: { ...limits.timeoutMinutes, default: options.timeoutMinutes },
      autoPause: options.autoPause,
      network: options.networkLimits,
    };
  }

  async list(options: ListOptions = {}): Promise<readonly SandboxRecord[]> {
    const answers = await this.api.list(options);
    return answers.filter(({ state }) => state !== 'deleted').map(toRecord);
  }

  async get(id: string, options: CallOptions = {}): Promise<SandboxRecord> {
    const answer = await this.api.get(id, options);
    if (answer.state === 'deleted') throw new ProviderError('notFound', `The sandbox ${id} was deleted.`);
    return toRecord(answer);
  }

  async create(request: CreateRequest, options: CallOptions = {}): Promise<SandboxRecord> {
    const { environment = process.env, hide } = this.#options;
    const env = variablesOf(request, environment, hide);
    hideHeaders(request.network, hide);
    return this.make(options, (call) => this.api.create({ ...request, env }, call));
  }

  delete(id: string, options: CallOptions = {}): Promise<void> {
    return this.api.delete(id, options);
  }

  /** Leap0 has no call that resumes: a paused sandbox wakes by any request to it, and this is a cheap one. */
  readonly resume = async (id: string, options: CallOptions = {}): Promise<SandboxRecord> => {
    const timeoutMs = options.timeoutMs ?? this.#options.timeouts().createMs;
    const lastLook = performance.now() + timeoutMs;
    await this.api.execute(id, 'true', { ...options, timeoutMs });
    for (;;) {
      const record = await this.get(id, options);
      if (record.state !== 'paused' && record.state !== 'resuming') return record;
      if (performance.now() + wakePollMs > lastLook) {
        throw new ProviderError('timeout', `The sandbox ${id} did not wake up in time.`);
      }
      await sleep(wakePollMs, options.signal).catch((cause: unknown) => {
        throw new ProviderError('cancelled', 'Cancelled.', { cause });
      });
    }
  };

  dispose(): void {
    this.api.dispose();
  }

  /** Has a sandbox made by a call, and takes it in. */
  protected async make(
    options: CallOptions,
    call: (options: CallOptions) => Promise<SandboxAnswer>,
  ): Promise<SandboxRecord> {
    const answer = await call(options).catch((thrown: unknown) => {
      throw explainUnheard(this.#options.dialect, thrown);
    });
    return toRecord(answer);
  }

  /** A sandbox was deleted by another call than `delete`. */
  protected async deleted(_id: string): Promise<void> {}

  #change(verb: Verb): Change {
    return async (id, options = {}) => toRecord(await this.api.change(id, verb, options));
  }
}

function toRecord(answer: SandboxAnswer): SandboxRecord {
  return {
    id: answer.id,
    state: states[answer.state] ?? 'unknown',
    createdAt: answer.createdAt,
    template: answer.template,
    templateId: answer.templateId,
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
