import { setTimeout as delay } from 'node:timers/promises';
import {
  descendantLevels,
  readProcess,
  readProcessTable,
  signal,
  type ProcessEntry,
} from './processTable.ts';

const hangUpMs = 200;
const pollMs = 10;
const reapMs = 1000;
/** A tree that still grows after so many rounds is killed as it is. */
const maxRounds = 20;

/**
 * Kills everything below a process that has joined a jail, and everything in their sessions. All are stopped first, so
 * that none forks its way out. Resolves when the process itself, nsenter, has ended as well.
 */
export async function killTree(root: number): Promise<void> {
  await killVictims(new Victims(root));
}

/** Hangs up first, as a closed terminal does, so that a shell can save its history; kills what is left. */
export async function hangUpTree(root: number): Promise<void> {
  const victims = new Victims(root);
  for (const { pid } of victims.find()) {
    if (pid !== victims.root) signal(pid, 'SIGHUP');
  }
  const deadline = Date.now() + hangUpMs;
  while (victims.find().length > 0 && Date.now() < deadline) await delay(pollMs);
  await killVictims(victims);
}

async function killVictims(victims: Victims): Promise<void> {
  let found = victims.find();
  for (let round = 0; round < maxRounds; round += 1) {
    for (const { pid } of found) signal(pid, 'SIGSTOP');
    const again = victims.find();
    const grew = again.length > found.length;
    found = again;
    if (!grew) break;
  }
  for (const { pid } of found.toReversed()) {
    if (pid !== victims.root) signal(pid, 'SIGKILL');
  }
  await reap(victims.root);
}

/**
 * Lets nsenter see its child's end. Killed itself, it would leave the dead child to the host's init, and the jail
 * could not end before that looks. It stops once more when the first that it sees is that its child was stopped.
 */
async function reap(root: number): Promise<void> {
  const deadline = Date.now() + reapMs;
  while (isAlive(root)) {
    signal(root, Date.now() < deadline ? 'SIGCONT' : 'SIGKILL');
    await delay(pollMs);
  }
}

function isAlive(pid: number): boolean {
  const found = readProcess(pid);
  // The number of one that is gone may be another process's, which is no child of ours.
  return found?.parent === process.pid && found.state !== 'Z';
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
    const below = descendantLevels(table, [this.root]).flat();
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
