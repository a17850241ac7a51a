import { readFileSync } from 'node:fs';

/** MiB by which the memory of a process grows while something is done, at most. */
export async function growthOf(pid: number, work: () => Promise<void>): Promise<number> {
  const used = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
  const before = used();
  let most = before;
  const sampling = setInterval(() => (most = Math.max(most, used())), 20);
  await work().finally(() => clearInterval(sampling));
  return most - before;
}
