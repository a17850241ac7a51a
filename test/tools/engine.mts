import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isGone } from './processGroup.mts';

const patience = 20_000;

/** Ends the local engine of a data folder, if one runs, and returns when it is gone. */
export async function stopEngine(dataFolder: string): Promise<void> {
  const pid = await enginePid(dataFolder);
  if (pid === undefined || !(await isEngineOf(pid, dataFolder))) return;
  process.kill(pid, 'SIGTERM');
  if (!(await isGone(pid, patience))) throw new Error(`The engine (process ${pid}) does not end`);
}

async function enginePid(dataFolder: string): Promise<number | undefined> {
  const content = await readFile(join(dataFolder, 'engine.json'), 'utf8').catch(() => undefined);
  if (content === undefined) return undefined;
  const { pid }: { pid?: unknown } = JSON.parse(content);
  return typeof pid === 'number' ? pid : undefined;
}

/** The number may have been given to another process since the file was written. */
async function isEngineOf(pid: number, dataFolder: string): Promise<boolean> {
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  const args = line.split('\0');
  return args.some((arg) => basename(arg) === 'engine.js') && args.includes(dataFolder);
}
