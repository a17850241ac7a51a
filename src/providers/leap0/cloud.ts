import type { KnownIds } from '../../sandboxes/knownIds.ts';
import type { CallOptions, ListOptions } from '../../sandboxes/provider.ts';
import type { SandboxRecord } from '../../sandboxes/sandbox.ts';
import { isGone, KnownSandboxes } from './knownSandboxes.ts';
import { Leap0Ports } from './ports.ts';
import { Leap0Provider, type Leap0ProviderOptions } from './provider.ts';
import { doubt, type KeptRevision } from './revision.ts';
import type { SandboxAnswer } from './wire/responses.ts';

export interface Leap0CloudOptions extends Leap0ProviderOptions {
  readonly baseUrl: string;
  /** Such as `sandbox.leap0.dev`. */
  readonly sandboxDomain: string;
  readonly revision: KeptRevision;
  /** What the list is made of where the service has none (revision A). */
  readonly knownIds: KnownIds;
}

/** A Leap0 account. */
export class Leap0Cloud extends Leap0Provider {
  readonly #revision: KeptRevision;
  readonly #known: KnownSandboxes | undefined;
  readonly ports: Leap0Ports;
  readonly adopt?: (id: string, options?: CallOptions) => Promise<SandboxRecord>;

  constructor(options: Leap0CloudOptions) {
    super({ ...options, settled: (revision) => void options.revision.set(revision) });
    this.#revision = options.revision;
    this.ports = new Leap0Ports(this.api, options);
    if (options.dialect.lists) return;
    const known = new KnownSandboxes(options, (id, call) => this.get(id, call));
    this.#known = known;
    this.adopt = (id, call = {}) => known.adopt(id, call);
  }

  override list(options: ListOptions = {}): Promise<readonly SandboxRecord[]> {
    if (this.#known) return this.#known.list(options);
    return super.list(options).catch((thrown: unknown) => doubt(this.#revision, thrown));
  }

  override async delete(id: string, options?: CallOptions): Promise<void> {
    await super.delete(id, options).catch(async (thrown: unknown) => {
      if (isGone(thrown)) await this.deleted(id);
      throw thrown;
    });
    await this.deleted(id);
  }

  readonly checkKey = (options: CallOptions = {}): Promise<void> =>
    this.api.proveKey(options).catch((thrown: unknown) => doubt(this.#revision, thrown));

  protected override async deleted(id: string): Promise<void> {
    await this.#known?.remove(id);
  }

  protected override make(
    options: CallOptions,
    call: (options: CallOptions) => Promise<SandboxAnswer>,
  ): Promise<SandboxRecord> {
    const make = (more: CallOptions) =>
      super.make(more, call).catch((thrown: unknown) => doubt(this.#revision, thrown));
    return this.#known ? this.#known.make(options, make) : make(options);
  }
}
