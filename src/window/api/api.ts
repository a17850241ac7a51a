import * as vscode from 'vscode';
import { timeoutSignal } from '../../common/time.ts';
import type { Lifecycle } from '../../sandboxes/lifecycle.ts';
import { checkRequest } from '../../sandboxes/createInput.ts';
import { freeName, makeNamed } from '../../sandboxes/creation.ts';
import { ProviderError } from '../../sandboxes/errors.ts';
import type { CreateLimits } from '../../sandboxes/provider.ts';
import { runCommand } from '../../sandboxes/running.ts';
import type { Sandbox } from '../../sandboxes/sandbox.ts';
import type { Parts } from '../parts.ts';
import { settings } from '../settings.ts';
import type {
  CreateOptions,
  OpenTerminalOptions,
  RunOptions,
  RunResult,
  SandboxExplorerApi,
  SandboxInfo,
} from './types.ts';

const defaultRunMs = 60_000;
/** No sandbox of any service runs longer than 8 hours. */
const maxRunMs = 28_800_000;

/** The door for other extensions: what the explorer's own commands do, without a question and without a notification. */
export class Api implements SandboxExplorerApi {
  readonly version = 1;
  /** VS Code's own: it keeps its listeners' errors to itself, and takes what an extension hands to any event. */
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #parts: Pick<Parts, 'fleet' | 'sessions' | 'tabs'>;

  constructor(parts: Pick<Parts, 'fleet' | 'sessions' | 'tabs'>) {
    this.#parts = parts;
    parts.fleet.onDidChange(() => this.#changed.fire());
  }

  async list(): Promise<SandboxInfo[]> {
    const { fleet } = this.#parts;
    await Promise.all(fleet.views().map(({ account }) => fleet.account(account.id).freshen()));
    return fleet.views().flatMap(({ sandboxes }) => sandboxes.map((sandbox) => this.#info(sandbox)));
  }

  refresh(): Promise<void> {
    return this.#parts.fleet.refresh();
  }

  async create(options: CreateOptions = {}): Promise<SandboxInfo> {
    const { fleet } = this.#parts;
    const accountId = options.account ?? fleet.views()[0]?.account.id ?? '';
    const account = fleet.account(accountId);
    const { createLimits } = await account.provider();
    const request = requestOf(options, createLimits);
    const name = options.name ?? (await freeName(account, request.template));
    const make = () => account.create(request);
    return this.#info(
      await inTime(name, 'start', (signal) => makeNamed(fleet, { accountId, name }, make, signal)),
    );
  }

  async get(key: string): Promise<SandboxInfo> {
    return this.#info(await this.#confirmed(key));
  }

  pause(key: string): Promise<SandboxInfo> {
    return this.#change(key, 'pause');
  }

  resume(key: string): Promise<SandboxInfo> {
    return this.#change(key, 'resume');
  }

  stop(key: string): Promise<SandboxInfo> {
    return this.#change(key, 'stop');
  }

  start(key: string): Promise<SandboxInfo> {
    return this.#change(key, 'start');
  }

  async delete(key: string): Promise<void> {
    const { accountId, id } = await this.#find(key);
    const account = this.#parts.fleet.account(accountId);
    if (await account.confirm(id)) await account.delete(id);
  }

  async run(key: string, command: string, options: RunOptions = {}): Promise<RunResult> {
    const { timeoutMs = defaultRunMs } = options;
    if (!(timeoutMs >= 1 && timeoutMs <= maxRunMs)) {
      throw new ProviderError(
        'invalid',
        `timeoutMs must be a number from 1 to ${maxRunMs}; it is ${timeoutMs}.`,
      );
    }
    const sandbox = await this.#find(key);
    const wanted = { ...options, timeoutMs };
    const execution = await runCommand(this.#parts.fleet, sandbox, command, wanted);
    const { exitCode, stdout, stderr, stdoutCut, stderrCut } = execution;
    return {
      exitCode,
      stdout: textOf(stdout),
      stderr: textOf(stderr),
      stdoutBytes: stdout,
      stderrBytes: stderr,
      stdoutCut,
      stderrCut,
    };
  }

  async openTerminal(key: string, options: OpenTerminalOptions = {}): Promise<vscode.Terminal> {
    const { sessions, tabs } = this.#parts;
    const sandbox = await this.#confirmed(key);
    const { session: id, cwd, env, shell } = options;
    if (id === undefined) return tabs.open(sandbox, undefined, { cwd, env, shell });
    const session = (await sessions.list(sandbox)).find((candidate) => candidate.id === id);
    if (!session) throw new ProviderError('notFound', `${sandbox.name} has no session ${id}.`);
    return tabs.open(sandbox, session);
  }

  async #change(key: string, lifecycle: Lifecycle): Promise<SandboxInfo> {
    const { accountId, id, name } = await this.#confirmed(key);
    const account = this.#parts.fleet.account(accountId);
    await inTime(name, lifecycle, async (signal) => {
      await account.change(id, lifecycle);
      await account.settled(id, signal);
    });
    return this.#info(await this.#find(key));
  }

  /** The sandbox as it is now: nobody may be polling, and what is believed of it may be hours old. */
  async #confirmed(key: string): Promise<Sandbox> {
    const { accountId, id } = await this.#find(key);
    const sandbox = await this.#parts.fleet.account(accountId).confirm(id);
    if (!sandbox) throw gone(key);
    return sandbox;
  }

  /** A window in which nobody has looked yet knows no sandbox; so one that is not known is looked for. */
  async #find(key: string): Promise<Sandbox> {
    const { fleet } = this.#parts;
    const known = fleet.find(key);
    if (known) return known;
    await Promise.all(
      fleet.views().map(({ account: { id }, error }) => {
        const account = fleet.account(id);
        // What fails is not asked more often than the explorer would.
        return error ? account.freshen() : account.refresh();
      }),
    );
    const found = fleet.find(key);
    if (found) return found;
    const failed = fleet.views().find(({ account, error }) => error && key.startsWith(`${account.id}/`));
    throw failed?.error ?? gone(key);
  }

  #info(sandbox: Sandbox): SandboxInfo {
    const { key, id, name, state, createdAt, endsAt, template, vcpu, memoryMib } = sandbox;
    const account = sandbox.accountId;
    const { provider } = this.#parts.fleet.account(account).account;
    return { key, account, provider, id, name, state, createdAt, endsAt, template, vcpu, memoryMib };
  }
}

/** @throws ProviderError `invalid` */
function requestOf(options: CreateOptions, limits: CreateLimits) {
  const request = {
    template: options.template ?? limits.templates[0] ?? '',
    vcpu: options.vcpu ?? limits.vcpu.default,
    memoryMib: options.memoryMib ?? limits.memoryMib.default,
    timeoutMinutes: options.timeoutMinutes ?? limits.timeoutMinutes.default,
    autoPause: options.autoPause ?? limits.autoPause,
  };
  const fields = checkRequest(request, limits);
  if (fields.length === 0) return request;
  const reasons = fields.map(({ field, error }) => `${field}: ${error}`).join(' ');
  throw new ProviderError('invalid', `The sandbox was not created. ${reasons}`, { fields });
}

/**
 * Waits for a sandbox as long as one may take to be made: a service can leave it on its way for ever.
 * @throws ProviderError `timeout`, or what the wait throws
 */
async function inTime<T>(
  name: string,
  verb: Lifecycle,
  wait: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { createMs } = settings.timeouts();
  const signal = timeoutSignal(createMs);
  try {
    return await wait(signal);
  } catch (thrown) {
    if (!signal.aborted || ProviderError.from(thrown).cause !== signal.reason) throw thrown;
    const message = `${name} took longer than ${createMs / 1000} s to ${verb}. It may still do so.`;
    throw new ProviderError('timeout', message, { cause: thrown });
  }
}

const gone = (key: string) => new ProviderError('notFound', `There is no sandbox ${key}.`);

const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8');
