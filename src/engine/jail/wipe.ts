import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmdir } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { rootFolders } from './bwrapArguments.ts';
import { sealed } from './descriptors.ts';
import type { Tools } from './tools.ts';

/**
 * Removes a folder that a sandbox has written to. The engine does not walk it: a jail that sees nothing else does,
 * with power over its modes, since a sandbox may have closed its folders to itself.
 * @throws Error with the last words of the jail.
 */
export async function wipeFolder(tools: Tools, folder: string): Promise<void> {
  const child = spawn(
    tools.bwrap,
    [
      ['--unshare-all', '--unshare-user', '--uid', '0', '--gid', '0', '--die-with-parent'],
      ['--as-pid-1', '--new-session'],
      ['--ro-bind', '/usr', '/usr', ...rootFolders()],
      ['--bind', folder, '/disk', '--chdir', '/'],
      ['--cap-drop', 'ALL', '--cap-add', 'CAP_DAC_OVERRIDE', '--'],
      ['/usr/bin/find', '/disk', '-mindepth', '1', '-delete'],
    ].flat(),
    { stdio: sealed(['ignore', 'ignore', 'pipe']), env: {}, cwd: '/', detached: true },
  );
  const words = text(child.stdio[2] as Readable);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error((await words).trim().split('\n').at(-1) ?? 'bubblewrap failed');
  await rmdir(folder);
}
