import { setTimeout as delay } from 'node:timers/promises';
import {
  descendantLevels,
  readProcess,
  readProcessTable,
  signal,
  type ProcessEntry,
} from './processTable.ts';

/** A call that was cut off clears away what it has begun; on a machine at its limits that takes a while. */
const hangUpMs = 1_000;
const pollMs = 10;
/** How long nsenter may take to see its child's end. */
const patienceMs = 2000;

/**
 * Ends everything below a process that has joined a jail, and everything in their sessions. Hangs up first, as a closed
 * terminal does, so that a shell can save its history; kills what is left. Resolves when the process itself, nsenter,
 * has ended as well.
 */
export async function hangUpTree(root: number): Promise<void> {
  const victims = new Victims(root);
  for (const { pid } of victims.find()) {
    if (pid !== root) signal(pid, 'SIGHUP');
  }
  const deadline = Date.now() + hangUpMs;
  while (victims.find().length > 0 && Date.now() < deadline) await delay(pollMs);
  await killVictims(victims);
}

/**
 * All are stopped before the first is killed, so that few fork their way out; the next round finds those. nsenter is
 * left to end by itself: killed, it would leave its dead child to the host's init, and the jail could not end before
 * that looks. It may have to be woken more than once, since it stops when its child was stopped.
 */
async function killVictims(victims: Victims): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (let found = victims.find(); found.length > 0; found = victims.find()) {
    const below = found.map(({ pid }) => pid).filter((pid) => pid !== victims.root);
    for (const pid of below) signal(pid, 'SIGSTOP');
    for (const pid of below.toReversed()) signal(pid, 'SIGKILL');
    if (below.length < found.length) signal(victims.root, Date.now() < deadline ? 'SIGCONT' : 'SIGKILL');
    await delay(pollMs);
  }
}

/** Remembers the sessions it has met: their members are found even when the root is gone. */
class Victims {
  readonly root: number;
  readonly #sessions = new Set<number>();

  constructor(root: number) {
    this.root = root;
  }

  find(): ProcessEntry[] {
    const table = readProcessTable();
    // The number of a root that is gone may be another process's, which is no child of ours.
    const roots = table.get(this.root)?.parent === process.pid ? [this.root] : [];
    const below = descendantLevels(table, roots).flat();
    for (const { session } of below) this.#sessions.add(session);
    // A child that was forked a moment ago is still in the engine's own session.
    this.#sessions.delete(readProcess(process.pid)?.session ?? 0);
    this.#sessions.delete(0);
    const known = new Set(below.map(({ pid }) => pid));
    const others = Array.from(table.values()).filter(
      ({ pid, session, state }) => this.#sessions.has(session) && !known.has(pid) && state !== 'Z',
    );
    return [...below, ...others];
  }
}
