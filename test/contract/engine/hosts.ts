import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { RunningEngine } from './startEngine.ts';

export const isRoot = process.getuid?.() === 0;

/** Command lines of all processes of the host that have to do with a folder, those in a jail on it included. */
export function processesWith(folder: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .flatMap((pid) => {
      const line = read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
      const traces = [line, read(`/proc/${pid}/environ`), read(`/proc/${pid}/mountinfo`)];
      // A mount names its source from the top of that file system.
      return traces.some((trace) => trace.includes(basename(folder))) ? [`${pid} ${line}`] : [];
    });
}

/** The Unix sockets in a folder that somebody listens on. */
export function listeningSockets(folder: string): string[] {
  const acceptsConnections = '00010000';
  return read('/proc/net/unix')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .flatMap(([, , , flags, , , , path]) =>
      flags === acceptsConnections && path?.startsWith(`${folder}/`) ? [path] : [],
    );
}

/** All processes below one, the living and the dead. */
export function descendantsOf(pid: number): number[] {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const pairs = rows.map((row) => row.trim().split(/\s+/).map(Number));
  const below = (parent: number): number[] =>
    pairs.filter(([, ppid]) => ppid === parent).flatMap(([child = 0]) => [child, ...below(child)]);
  return below(pid);
}

export function isRunning(pid: number): boolean {
  const state = /^\d+ \(.*\) (\S)/s.exec(read(`/proc/${pid}/stat`))?.[1];
  return state !== undefined && state !== 'Z' && state !== 'X';
}

/** Clock ticks that a process has used. */
export function processorTime(pid: number): number {
  const fields = read(`/proc/${pid}/stat`)
    .replace(/^.*\) /s, '')
    .split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** Ends a sandbox's jail behind the engine's back. */
export function killJail(engine: RunningEngine, sandbox: string): void {
  const [jail] = descendantsOf(engine.pid).filter((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(sandbox.slice('/v1/sandbox/'.length)),
  );
  if (!jail) throw new Error('There is no jail');
  process.kill(jail, 'SIGKILL');
}
