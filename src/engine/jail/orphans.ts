import { readFileSync } from 'node:fs';
import { readProcessTable, signal } from './processTable.ts';

/**
 * Ends what an engine that crashed may have left of making a jail: bwrap's child waits for ever when bwrap is killed
 * before it has set up its user namespace. Its command line names the folder of its disk.
 * @param dataFolder holds all disks; only jails of an engine that is gone may be in it
 */
export function killOrphans(dataFolder: string): void {
  for (const { pid, name } of readProcessTable().values()) {
    if (name === 'bwrap' && commandLine(pid).includes(`\0${dataFolder}/`)) signal(pid, 'SIGKILL');
  }
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
