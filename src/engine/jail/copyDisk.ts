import { runOnDisks } from './diskJail.ts';
import type { Tools } from './tools.ts';

const copyScript = 'cp -a --reflink=auto -- /from/. /to/';
/** Waits for the host's disk, so that not even a power cut takes away what was answered. */
const syncScript = 'sync -f /to';

/**
 * Copies all that a sandbox has written, with links, modes, times, holes and special files, into an empty folder.
 * Nothing may write to the source meanwhile.
 * @param options.durably whether to resolve only when the copy is on the host's disk
 * @param options.signal aborted when it shall end early; then what was copied is worthless
 * @throws HttpError 503 when there can be no jail, else Error with the last words of `cp`, for instance when the host's
 * disk is full.
 */
export async function copyDisk(
  tools: Tools,
  from: string,
  to: string,
  options: { durably: boolean; signal: AbortSignal },
): Promise<void> {
  await runOnDisks(tools, {
    binds: [
      { folder: from, at: '/from', writable: false },
      { folder: to, at: '/to', writable: true },
    ],
    command: ['/bin/sh', '-c', options.durably ? `${copyScript} && ${syncScript}` : copyScript],
    signal: options.signal,
  });
}
