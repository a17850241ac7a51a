import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { rootFolders } from './bwrapArguments.ts';
import { sandboxPath } from './bootScript.ts';
import { sealed } from './descriptors.ts';
import { jailRefused } from './refusal.ts';
import type { Tools } from './tools.ts';

export interface DiskTask {
  /** Folders that a sandbox has written to or will, and where the jail sees them. */
  binds: { folder: string; at: string; writable: boolean }[];
  command: string[];
  /** Aborted when it shall end early. */
  signal?: AbortSignal;
}

/**
 * Works on folders that a sandbox has written to. The engine does not walk them: a jail that sees nothing else does,
 * with power over their modes, since a sandbox may have closed its folders to itself. It ends with the engine.
 * @throws HttpError 503 when there can be no jail, else Error with the command's last words.
 */
export async function runOnDisks(tools: Tools, task: DiskTask): Promise<void> {
  const binds = task.binds.flatMap(({ folder, at, writable }) => [
    writable ? '--bind' : '--ro-bind',
    folder,
    at,
  ]);
  const child = spawn(
    tools.bwrap,
    [
      ['--unshare-all', '--unshare-user', '--uid', '0', '--gid', '0', '--die-with-parent'],
      ['--as-pid-1', '--new-session'],
      // chmod(3) without following a link goes through /proc/self/fd.
      ['--ro-bind', '/usr', '/usr', ...rootFolders(), '--proc', '/proc'],
      [...binds, '--chdir', '/'],
      ['--cap-drop', 'ALL', '--cap-add', 'CAP_DAC_OVERRIDE', '--'],
      task.command,
    ].flat(),
    {
      stdio: sealed(['ignore', 'ignore', 'pipe']),
      env: { PATH: sandboxPath, LC_ALL: 'C.UTF-8' },
      cwd: '/',
      detached: true,
      ...(task.signal && { signal: task.signal, killSignal: 'SIGKILL' as const }),
    },
  );
  const words = text(child.stdio[2] as Readable);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code === 0) return;
  const last = (await words).trim().split('\n').at(-1) ?? '';
  throw last.startsWith('bwrap: ') ? jailRefused(last) : new Error(last || 'bubblewrap failed');
}
