import { rmdir } from 'node:fs/promises';
import { runOnDisks } from './diskJail.ts';
import type { Tools } from './tools.ts';

/**
 * Removes a folder that a sandbox has written to.
 * @throws HttpError 503 when there can be no jail, else Error with the last words of `find`.
 */
export async function wipeFolder(tools: Tools, folder: string): Promise<void> {
  await runOnDisks(tools, {
    binds: [{ folder, at: '/disk', writable: true }],
    command: ['/usr/bin/find', '/disk', '-mindepth', '1', '-delete'],
  });
  await rmdir(folder);
}
