/** Signals for what was started in a jail. nsenter, which waits for it outside, gets none and ends after it. */
import { readlinkSync } from 'node:fs';
import {
  descendantLevels,
  readProcessTable,
  signal,
  type ProcessEntry,
  type ProcessTable,
} from './processTable.ts';

/** What `Jail.join` has started. */
export interface Started {
  /** Of nsenter. */
  readonly pid: number;
  /** Whether it is script(1), which gives the shell a terminal and a session of its own. */
  readonly onTerminal: boolean;
}

/** What forks faster than it can be told is let go after so many rounds. */
const maxRounds = 10;

/** Signals the process group that was started. */
export function signalGroup(started: Started, name: NodeJS.Signals): void {
  const table = readProcessTable();
  const first = firstIn(table, started);
  if (!first) return;
  for (const { pid, group } of table.values()) {
    if (group === first.group && pid !== started.pid) signal(pid, name);
  }
}

/**
 * Tells what was started that nobody is there any more. What was sent to the background to stay, does: on a terminal
 * by nohup(1) or setsid(1), as usual; without one by letting go of the streams that it was given, since there sshd
 * hangs up nothing, and servers count on that.
 */
export function hangUp(started: Started): void {
  const first = firstIn(readProcessTable(), started);
  if (!first) return;
  const isMeant = started.onTerminal ? inForegroundWith(first) : attachedLike(first);
  const told = new Set([started.pid]);
  for (let round = 0; round < maxRounds; round += 1) {
    const found = Array.from(readProcessTable().values()).filter(
      (entry) => !told.has(entry.pid) && isMeant(entry),
    );
    if (found.length === 0) return;
    for (const { pid } of found) {
      told.add(pid);
      signal(pid, 'SIGHUP');
    }
  }
}

/** The process that was asked for. */
function firstIn(table: ProcessTable, { pid, onTerminal }: Started): ProcessEntry | undefined {
  // The number of one that is gone may be another process's, which is no child of ours.
  if (table.get(pid)?.parent !== process.pid) return undefined;
  const [, [inJail] = [], [inScript] = []] = descendantLevels(table, [pid]);
  return onTerminal ? inScript : inJail;
}

type Test = (entry: ProcessEntry) => boolean;

function inForegroundWith(first: ProcessEntry): Test {
  const groups = [first.group, first.foreground];
  return ({ group }) => groups.includes(group);
}

function attachedLike(first: ProcessEntry): Test {
  const given = new Set(streamsOf(first.pid));
  const isAttached = (pid: number) => streamsOf(pid).some((stream) => given.has(stream));
  return ({ pid, session }) => pid === first.pid || (session === first.session && isAttached(pid));
}

/** Which sockets and pipes its first three descriptors are, in the kernel's words. */
function streamsOf(pid: number): string[] {
  return [0, 1, 2].flatMap((descriptor) => {
    try {
      const stream = readlinkSync(`/proc/${pid}/fd/${descriptor}`);
      return /^(socket|pipe):/.test(stream) ? [stream] : [];
    } catch {
      return [];
    }
  });
}
