/** The processes of the host, read from `/proc`. */
import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessEntry {
  pid: number;
  /** Of its program; at most 15 bytes, and whatever the program likes. */
  name: string;
  parent: number;
  group: number;
  session: number;
  /** The process group that its terminal's keys are for; -1 without a terminal. */
  foreground: number;
  /** A letter of proc(5): `T` is stopped by a signal, `t` by a tracer, `Z` ended. */
  state: string;
}

export type ProcessTable = Map<number, ProcessEntry>;

export function readProcessTable(): ProcessTable {
  const table: ProcessTable = new Map();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    const entry = Number.isInteger(pid) ? readProcess(pid) : undefined;
    if (entry) table.set(pid, entry);
  }
  return table;
}

/** One process; undefined when it has ended. */
export function readProcess(pid: number): ProcessEntry | undefined {
  try {
    return parseStat(pid, readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return undefined;
  }
}

/** Parses `/proc/PID/stat`. Its second field is the program's name, which may hold spaces and brackets. */
export function parseStat(pid: number, text: string): ProcessEntry | undefined {
  const nameEnd = text.lastIndexOf(')');
  const [state, ...numbers] = text.slice(nameEnd + 2).split(' ');
  const [parent = NaN, group = NaN, session = NaN, , foreground = NaN] = numbers.map(Number);
  if (!state || Number.isNaN(foreground)) return undefined;
  const name = text.slice(text.indexOf('(') + 1, nameEnd);
  return { pid, name, parent, group, session, foreground, state };
}

/** The living processes at and below `roots`, in levels: a parent's level comes before its children's. */
export function descendantLevels(table: ProcessTable, roots: Iterable<number>): ProcessEntry[][] {
  const children = Map.groupBy(table.values(), (entry) => entry.parent);
  const levels: ProcessEntry[][] = [];
  const seen = new Set<number>();
  let level = Array.from(roots, (pid) => table.get(pid)).filter((entry) => entry !== undefined);
  while (level.length > 0) {
    level = level.filter((entry) => !seen.has(entry.pid));
    for (const entry of level) seen.add(entry.pid);
    levels.push(level.filter((entry) => entry.state !== 'Z'));
    level = level.flatMap((entry) => children.get(entry.pid) ?? []);
  }
  return levels;
}

/** Sends a signal; false when the process has ended. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
