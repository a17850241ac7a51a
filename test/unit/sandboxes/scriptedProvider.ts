import { vi } from 'vitest';
import type { AccountFleet } from '../../../src/sandboxes/accountFleet.ts';
import type { ListOptions, Provider } from '../../../src/sandboxes/provider.ts';
import type { SandboxRecord, SandboxState } from '../../../src/sandboxes/sandbox.ts';

/** One call that the fleet made, held until the test lets it go on. */
export interface HeldCall {
  readonly name: string;
  answer(value?: unknown): void;
  fail(error: Error): void;
}

/** A provider whose every call waits for the test's word, so that any order of answers can be played. */
export class ScriptedProvider implements Provider {
  readonly calls: HeldCall[] = [];
  readonly log: string[] = [];
  /** What the last list was to tell of before it leaves it out. */
  known: readonly string[] = [];
  readonly createLimits = {
    templates: ['base'],
    vcpu: { min: 1, max: 8, default: 1 },
    memoryMib: { min: 512, max: 8192, step: 2, default: 1024 },
    timeoutMinutes: { min: 1, max: 480, default: 5 },
    autoPause: false,
  };

  readonly list = ({ known = [] }: ListOptions = {}) => {
    this.known = known;
    return this.#hold<SandboxRecord[]>('list');
  };
  readonly get = (id: string) => this.#hold<SandboxRecord>(`get ${id}`);
  readonly create = () => this.#hold<SandboxRecord>('create');
  readonly delete = (id: string) => this.#hold<void>(`delete ${id}`);
  readonly pause = (id: string) => this.#hold<SandboxRecord>(`pause ${id}`);
  readonly resume = (id: string) => this.#hold<SandboxRecord>(`resume ${id}`);

  dispose(): void {
    this.log.push('dispose');
  }

  /** The oldest call of that name that is still held. */
  take(name: string): HeldCall {
    const index = this.calls.findIndex((call) => call.name === name);
    const [call] = index < 0 ? [] : this.calls.splice(index, 1);
    if (!call)
      throw new Error(`no call ${name} is waiting, only ${this.calls.map((held) => held.name).join(', ')}`);
    return call;
  }

  #hold<T>(name: string): Promise<T> {
    this.log.push(name);
    return new Promise<T>((resolve, reject) => {
      this.calls.push({ name, answer: (value) => resolve(value as T), fail: reject });
    });
  }
}

export const request = {
  template: 'base',
  vcpu: 1,
  memoryMib: 512,
  timeoutMinutes: 1,
  autoPause: false,
};

export const record = (
  id: string,
  state: SandboxState,
  more: Partial<SandboxRecord> = {},
): SandboxRecord => ({
  id,
  state,
  createdAt: 0,
  ...more,
});

/** Brings the fleet to a known list, as a first look would. Needs fake timers. */
export async function firstLook(
  fleet: AccountFleet,
  provider: ScriptedProvider,
  records: readonly SandboxRecord[],
): Promise<void> {
  const answers = () => vi.advanceTimersByTimeAsync(0);
  fleet.setVisible(true);
  await answers();
  provider.take('list').answer(records);
  await answers();
  for (const answer of records) provider.take(`get ${answer.id}`).answer(answer);
  await answers();
}
