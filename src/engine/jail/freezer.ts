import { setTimeout as delay } from 'node:timers/promises';
import { HttpError } from '../http/httpError.ts';
import {
  descendantLevels,
  readProcess,
  readProcessTable,
  signal,
  type ProcessEntry,
} from './processTable.ts';

const pollMs = 2;
/** How long parents may take to stop before their children are told; one that waits for a disk cannot at once. */
const stopTimeoutMs = 500;
/** How long to go from parents to children before stopping all at once. */
const orderlyMs = 500;
const freezeTimeoutMs = 30_000;
/** After a thaw, each after the one before. */
const rouseAllMs = [5, 10, 20, 40, 80, 160] as const;
/** Later a person may have stopped a job again; our own programs, at the top, are roused even then. */
const rouseTopMs = [320, 640, 1280, 2560] as const;

export interface FreezeTarget {
  /** The tops of the process trees. */
  roots(): Iterable<number>;
  /**
   * Whether something is on its way in. It must not be stopped before it can no longer outlive the engine, nor be
   * overlooked.
   */
  isBeingJoined(): boolean;
  /** Tells everything in the PID namespace to stop in one step, in which nothing can fork its way out. */
  stopAll(): Promise<void>;
}

/**
 * Stops all processes of a jail and lets them go on. Parents stop before their children and go on after them: a shell
 * never sees its job stopped, and so reports nothing. What a person had stopped before stays stopped afterwards.
 */
export class Freezer {
  readonly #target: FreezeTarget;
  readonly #stoppedBefore = new Set<number>();
  #rousing: NodeJS.Timeout | undefined;

  constructor(target: FreezeTarget) {
    this.#target = target;
  }

  /**
   * Goes on until nothing moves.
   * @throws HttpError 503 when something does not stop; then all is running again
   */
  async freeze(): Promise<void> {
    clearTimeout(this.#rousing);
    const signalled = new Set<number>();
    const begun = Date.now();
    let swept = false;
    const sweep = async () => {
      await this.#target.stopAll();
      swept = true;
    };
    for (;;) {
      if (this.#target.isBeingJoined()) {
        await delay(pollMs);
        continue;
      }
      const levels = descendantLevels(readProcessTable(), this.#target.roots());
      // What has stopped by the sweep was not stopped by a person.
      if (!swept) this.#noteStopped(levels, signalled);
      const moving = levels.map((level) => level.filter(isMoving)).filter((level) => level.length > 0);
      const [highest] = moving;
      if (!highest && swept) return;
      if (!highest) {
        // A process that forks and ends all the time may be in no reading of the table.
        await sweep();
        continue;
      }
      const elapsed = Date.now() - begun;
      if (elapsed > freezeTimeoutMs) {
        this.thaw();
        throw new HttpError(
          503,
          'The sandbox could not be paused: its processes do not stop. Stop the sandbox instead.',
        );
      }
      const inOrder = elapsed < orderlyMs;
      const next = inOrder ? highest : moving.flat();
      for (const { pid } of next) {
        signalled.add(pid);
        signal(pid, 'SIGSTOP');
      }
      if (!inOrder) await sweep();
      await untilStopped(next);
    }
  }

  thaw(): void {
    const levels = descendantLevels(readProcessTable(), this.#target.roots())
      .map((level) => level.map(({ pid }) => pid))
      .map((level) => level.filter((pid) => !this.#stoppedBefore.has(pid)));
    this.#stoppedBefore.clear();
    const all = levels.toReversed().flat();
    for (const pid of all) signal(pid, 'SIGCONT');
    this.#rouse([
      ...rouseAllMs.map((delayMs) => ({ delayMs, pids: all })),
      ...rouseTopMs.map((delayMs) => ({ delayMs, pids: levels.slice(0, 2).flat() })),
    ]);
  }

  /**
   * Programs that stand in for another, such as script(1), nsenter(1) and sudo, stop themselves when they learn that
   * it was stopped, and the news of the freeze reaches them only now.
   */
  #rouse([next, ...later]: { delayMs: number; pids: number[] }[]): void {
    if (!next) return;
    this.#rousing = setTimeout(() => {
      for (const pid of next.pids) {
        if (readProcess(pid)?.state === 'T') signal(pid, 'SIGCONT');
      }
      this.#rouse(later);
    }, next.delayMs);
  }

  #noteStopped(levels: ProcessEntry[][], signalled: ReadonlySet<number>): void {
    for (const { pid, state } of levels.flat()) {
      if (state === 'T' && !signalled.has(pid)) this.#stoppedBefore.add(pid);
    }
  }
}

const isMoving = (entry: ProcessEntry) => !/^[TtZXx]$/.test(entry.state);

async function untilStopped(processes: ProcessEntry[]): Promise<void> {
  const deadline = Date.now() + stopTimeoutMs;
  let moving = processes.filter(stillMoves);
  while (moving.length > 0 && Date.now() < deadline) {
    await delay(pollMs);
    moving = moving.filter(stillMoves);
  }
}

function stillMoves({ pid }: ProcessEntry): boolean {
  const now = readProcess(pid);
  return now !== undefined && isMoving(now);
}
