/**
 * The lock that an engine holds for as long as it lives. It is the kernel's (flock(2)), which takes it back at the
 * moment in which the process ends, however that happens: there is nothing to grow stale and nothing to clear away.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { needTool } from './jail/tools.ts';

/** Of flock(1), when another process holds the lock. */
const heldCode = 1;

/**
 * Whether this process has the lock now; then it has it until it ends.
 * @throws Error when there can be no lock, HttpError 503 where flock(1) is missing
 */
export async function lockForLife(path: string): Promise<boolean> {
  const descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  // Node has no flock(2). A lock belongs to the open file, which we share with flock(1), and so outlives that.
  const child = spawn(needTool('flock'), ['--exclusive', '--nonblock', '3'], {
    stdio: ['ignore', 'ignore', 'pipe', descriptor],
    env: {},
    cwd: '/',
  });
  const words = child.stderr ? text(child.stderr) : '';
  const [code] = (await once(child, 'close')) as [number | null];
  if (code === 0) {
    ftruncateSync(descriptor);
    writeSync(descriptor, `${process.pid}\n`, 0);
    return true;
  }
  closeSync(descriptor);
  if (code === heldCode) return false;
  throw new Error(`${path} cannot be locked: ${(await words).trim()}`);
}

/** The process ID of who had the lock last. */
export function readHolder(path: string): number | undefined {
  try {
    return Number(readFileSync(path, 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}
