import { spawn, type ChildProcess } from 'node:child_process';
import { sealed } from './descriptors.ts';
import type { Jail } from './jail.ts';

/**
 * Starts a process in a jail. It leads a session of its own, and is frozen and thawed with the rest.
 * @param stdio its first three descriptors
 * @throws HttpError 409 while the jail is frozen or when it has ended.
 */
export function startIn(
  jail: Jail,
  command: string[],
  env: Record<string, string>,
  stdio: ('ignore' | 'pipe')[],
): ChildProcess {
  const { file, args } = jail.join(command);
  const child = spawn(file, args, { stdio: sealed(stdio), env, cwd: '/', detached: true });
  if (child.pid !== undefined) {
    const tracked = jail.track(child.pid);
    child.once('exit', () => tracked.dispose());
  }
  return child;
}
