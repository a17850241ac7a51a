import { afterEach, beforeEach, vi } from 'vitest';
import { AccountFleet } from '../../../src/sandboxes/accountFleet.ts';
import type { SandboxRecord } from '../../../src/sandboxes/sandbox.ts';
import type { Common } from '../../../src/sandboxes/sharing.ts';
import { MemorySharing } from './memorySharing.ts';
import { ScriptedProvider } from './scriptedProvider.ts';

/** Lets everything happen that is due, and takes its time: no two ticks are of the same moment. */
export const tick = () => vi.advanceTimersByTimeAsync(10);
export const seconds = (count: number) => vi.advanceTimersByTimeAsync(count * 1_000);

/** Opens a window alone, with fake timers, for each test of a file. */
export function beforeEachWindow(begin: (window: ScriptedWindow) => void): void {
  let window: ScriptedWindow;
  beforeEach(() => {
    vi.useFakeTimers();
    window = new ScriptedWindow(new MemorySharing().common());
    begin(window);
  });
  afterEach(() => {
    window.fleet.dispose();
    vi.useRealTimers();
  });
}

/** Windows of one editor, all with the account `a`. Needs fake timers. */
export class ScriptedWindows {
  readonly sharing = new MemorySharing();
  readonly #opened: ScriptedWindow[] = [];

  /** Opens a window that nobody looks at yet. */
  add(): ScriptedWindow {
    const window = new ScriptedWindow(this.sharing.common());
    this.#opened.push(window);
    return window;
  }

  /** Opens two windows: the first one reads this list, the other one hears of it. */
  async open(...records: SandboxRecord[]): Promise<[ScriptedWindow, ScriptedWindow]> {
    const pair: [ScriptedWindow, ScriptedWindow] = [this.add(), this.add()];
    for (const window of pair) await window.show();
    await pair[0].answerList(...records);
    return pair;
  }

  close(): void {
    for (const { fleet } of this.#opened) fleet.dispose();
  }
}

/** A window with its own connection to the service. */
export class ScriptedWindow {
  readonly provider = new ScriptedProvider();
  readonly names: Common['names'];
  readonly fleet: AccountFleet;

  constructor(common: Common) {
    this.names = common.names;
    const account = { id: 'a', name: 'A', provider: 'test' };
    this.fleet = new AccountFleet(account, async () => this.provider, common);
  }

  get states(): string[] {
    return this.fleet.view().sandboxes.map(({ id, state }) => `${id} ${state}`);
  }

  get lists(): number {
    return this.provider.log.filter((call) => call === 'list').length;
  }

  async show(): Promise<void> {
    this.fleet.setVisible(true);
    await tick();
  }

  async answer(call: string, value?: unknown): Promise<void> {
    this.provider.take(call).answer(value);
    await tick();
  }

  /** Answers the list, and the details that are read after it. */
  async answerList(...records: SandboxRecord[]): Promise<void> {
    await this.answer('list', records);
    const isDetail = ({ name }: { name: string }) => name.startsWith('get ');
    for (let call = this.provider.calls.find(isDetail); call; call = this.provider.calls.find(isDetail)) {
      const id = call.name.slice('get '.length);
      await this.answer(call.name, { ...records.find((record) => record.id === id), vcpu: 2 });
    }
  }

  /** Begins a command, answers its call, and waits until it is over. */
  async command(
    begin: (fleet: AccountFleet) => Promise<unknown>,
    call: string,
    answer?: unknown,
  ): Promise<void> {
    const done = begin(this.fleet);
    await tick();
    await (call === 'list'
      ? this.answerList(...(answer as readonly SandboxRecord[]))
      : this.answer(call, answer));
    await done;
    await tick();
  }
}
