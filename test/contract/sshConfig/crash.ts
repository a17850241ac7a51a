import { writeSync } from 'node:fs';

type Call = (...args: unknown[]) => unknown;

/**
 * Kills this process at its nth use of the file system from now on, before it is done; a write is done by half. Below
 * `node:fs` and `node:fs/promises` alike lies one object with a function for each system call.
 * @param deadly From 1; 0 only counts.
 * @returns Tells how many uses there have been so far.
 */
export function crashAt(deadly: number): () => number {
  const calls = (process as unknown as { binding(name: 'fs'): Record<string, unknown> }).binding('fs');
  let count = 0;
  for (const [name, call] of Object.entries(calls)) {
    // What begins with a capital is a class.
    if (typeof call !== 'function' || !/^[a-z]/.test(name)) continue;
    calls[name] = (...args: unknown[]) => {
      count++;
      if (count === deadly) {
        if (name === 'writeBuffer') writeHalf(args);
        process.kill(process.pid, 'SIGKILL');
      }
      return (call as Call)(...args);
    };
  }
  return () => count;
}

function writeHalf([fd, bytes, offset, length]: unknown[]): void {
  writeSync(fd as number, bytes as Uint8Array, offset as number, Math.floor(Number(length) / 2));
}
