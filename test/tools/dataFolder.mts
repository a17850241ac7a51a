import { createHash } from 'node:crypto';
import { mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Where the engine of a profile keeps its sandboxes: in the profile, but for root, whose engine runs as somebody
 * who cannot get to a project in a private folder such as /root.
 */
export function dataFolder(home: string): string {
  if (process.getuid?.() !== 0 || isOpenToOthers(home)) return join(home, 'data');
  const everybodys = '/var/lib/sandbox-explorer';
  mkdirSync(everybodys, { recursive: true, mode: 0o755 });
  return join(everybodys, createHash('sha256').update(home).digest('hex').slice(0, 16));
}

function isOpenToOthers(folder: string): boolean {
  const mayPass = (statSync(folder).mode & 0o001) !== 0;
  return mayPass && (folder === dirname(folder) || isOpenToOthers(dirname(folder)));
}
