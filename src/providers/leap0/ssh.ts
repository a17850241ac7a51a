import { ProviderError } from '../../sandboxes/errors.ts';
import type { CallOptions, SshAccess, SshAccessApi } from '../../sandboxes/provider.ts';
import { readSshCommand } from '../../ssh/sshCommand.ts';
import type { Leap0Api } from './api.ts';
import type { SshAccessAnswer } from './wire/responses.ts';

/** SSH accesses: a user name and a password that expires, for a gateway. Source: leap0.md, "SSH". */
export class Leap0Ssh implements SshAccessApi {
  readonly #api: Leap0Api;
  readonly expiredMakesRoom: true | undefined;

  constructor(api: Leap0Api, known: Pick<SshAccessApi, 'expiredMakesRoom'> = {}) {
    this.#api = api;
    this.expiredMakesRoom = known.expiredMakesRoom;
  }

  create(sandboxId: string, options: CallOptions = {}): Promise<SshAccess> {
    return this.#api.createSshAccess(sandboxId, options).then(toAccess, explainExisting);
  }

  async validate(
    sandboxId: string,
    access: Pick<SshAccess, 'accessId' | 'password'>,
    options: CallOptions = {},
  ): Promise<boolean> {
    return (await this.#api.validateSshAccess(sandboxId, access, options)).valid;
  }

  regenerate(sandboxId: string, accessId: string | undefined, options: CallOptions = {}): Promise<SshAccess> {
    return this.#api.regenerateSshAccess(sandboxId, accessId, options).then(toAccess);
  }

  revoke(sandboxId: string, accessId: string | undefined, options: CallOptions = {}): Promise<void> {
    return this.#api.deleteSshAccess(sandboxId, accessId, options);
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
function explainExisting(thrown: unknown): never {
  const failure = ProviderError.from(thrown);
  if (failure.kind !== 'conflict') throw failure;
  throw new ProviderError('conflict', failure.message, {
    requestId: failure.requestId,
    advice: 'If the sandbox has an SSH access already, renew it: its password is told only once.',
    cause: failure,
  });
}
