import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

const patience = 5_000;

/**
 * Starts a program as the leader of a process group of its own. `setpriv` has the kernel end it with us,
 * whatever way we end.
 */
export function spawnGroup(command: string, args: string[], env: NodeJS.ProcessEnv): ChildProcess {
  return spawn('setpriv', ['--pdeathsig', 'TERM', command, ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
  });
}

/** Ends a whole group and returns when nobody of it is left. */
export async function endGroup(leader: number): Promise<void> {
  signal(-leader, 'SIGTERM');
  if (await isGone(-leader, patience)) return;
  signal(-leader, 'SIGKILL');
  if (!(await isGone(-leader, patience))) throw new Error(`Process group ${leader} does not end`);
}

/** Whether a process, or with a negative number a group, is gone before the time is up. */
export async function isGone(pid: number, milliseconds: number): Promise<boolean> {
  const deadline = performance.now() + milliseconds;
  while (signal(pid, 0)) {
    if (performance.now() > deadline) return false;
    await delay(50);
  }
  return true;
}

/** Signals a process or a group; false when there is none. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
