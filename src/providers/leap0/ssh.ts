import { advised, ProviderError } from '../../sandboxes/errors.ts';
import type { CallOptions, SshAccess, SshAccessApi } from '../../sandboxes/provider.ts';
import { readSshCommand } from '../../ssh/sshCommand.ts';
import type { Leap0Api } from './api.ts';
import type { Dialect, SshDialect } from './dialect.ts';
import type { SshAccessAnswer } from './wire/responses.ts';

/** SSH accesses: a user name and a password that expires, for a gateway. Source: Leap0's OpenAPI document, `SSH`. */
export class Leap0Ssh implements SshAccessApi {
  readonly #api: Leap0Api;
  readonly #dialect: SshDialect;
  readonly service: string | undefined;
  readonly expiredMakesRoom: true | undefined;
  readonly anySet?: NonNullable<SshAccessApi['anySet']>;

  constructor(
    api: Leap0Api,
    { ssh }: Pick<Dialect, 'ssh'>,
    known: Pick<SshAccessApi, 'service' | 'expiredMakesRoom'> = {},
  ) {
    this.#api = api;
    this.#dialect = ssh;
    this.service = known.service;
    this.expiredMakesRoom = known.expiredMakesRoom;
    const { anySet } = ssh;
    if (!anySet) return;
    this.anySet = {
      regenerate: (id, options = {}) => api.regenerateSshAccess(anySet(id), options).then(toAccess),
      revoke: (id, options = {}) => api.deleteSshAccess(anySet(id), options),
    };
  }

  create(sandboxId: string, options: CallOptions = {}): Promise<SshAccess> {
    const advice = this.anySet
      ? 'If the sandbox has an SSH access already, renew it: its password is told only once.'
      : 'If the sandbox has an SSH access that was made elsewhere, revoke it there, or wait until it has expired.';
    return this.#api.createSshAccess(sandboxId, options).then(toAccess, explainExisting(advice));
  }

  validate(
    sandboxId: string,
    access: Pick<SshAccess, 'accessId' | 'password'>,
    options: CallOptions = {},
  ): Promise<boolean> {
    return this.#api.validateSshAccess(sandboxId, access, options);
  }

  regenerate(sandboxId: string, accessId: string, options: CallOptions = {}): Promise<SshAccess> {
    return this.#api.regenerateSshAccess(this.#dialect.set(sandboxId, accessId), options).then(toAccess);
  }

  revoke(sandboxId: string, accessId: string, options: CallOptions = {}): Promise<void> {
    return this.#api.deleteSshAccess(this.#dialect.set(sandboxId, accessId), options);
  }
}

function toAccess(answer: SshAccessAnswer): SshAccess {
  return {
    accessId: answer.id,
    password: answer.password,
    expiresAt: answer.expiresAt,
    command: answer.command,
    ...readSshCommand(answer.command),
  };
}

/** A conflict may also be about a sandbox that is changing its state; both are over after what is advised. */
const explainExisting = (advice: string) => (thrown: unknown) => {
  const failure = ProviderError.from(thrown);
  throw failure.kind === 'conflict' ? advised(failure, advice) : failure;
};
