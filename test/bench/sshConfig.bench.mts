// What a thousand sandboxes cost in the SSH config: us to write them, and every `ssh` of the user's to read them.
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SshHosts } from '../../src/ssh/config/hosts.ts';
import { addInclude } from '../../src/ssh/config/userConfig.ts';
import { sshFolderAt } from '../../src/ssh/folder.ts';
import type { Report } from './run.mts';

const writes = 5;
const reads = 25;

const sandboxes = Array.from({ length: 1_000 }, (_, number) => ({
  key: `local/sbx-${number}`,
  accountId: 'local',
  account: 'Local',
  sandbox: `debian-${number}`,
  template: 'debian',
  kind: 'proxy' as const,
}));

export default async function sshConfig(report: Report): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'sandbox-explorer-bench-'));
  const [config, empty] = [join(home, 'config'), join(home, 'empty')];
  const folder = sshFolderAt(join(home, 'sandbox-explorer'));
  try {
    await writeFile(empty, '');
    const times: number[] = [];
    for (let write = 0; write < writes; write++) {
      await rm(folder.root, { recursive: true, force: true });
      const hosts = new SshHosts(folder, { id: 'bench', name: 'Bench', extensions: home }, config);
      const start = performance.now();
      const { unchecked, names } = await hosts.put(sandboxes, async () => join(folder.bin, '1/ssh-proxy'));
      times.push(performance.now() - start);
      if (unchecked !== undefined || names.size !== sandboxes.length)
        throw new Error('The hosts were not written');
    }
    report('SSH entries of 1,000 sandboxes', median(times));
    await addInclude(folder, config);
    report('ssh -G with 1,000 sandboxes beside an empty config', difference(config, empty));
  } finally {
    await rm(home, { recursive: true });
  }
}

/** The difference of the medians, in milliseconds; the two take turns, so that both meet the same noise. */
function difference(config: string, empty: string): number {
  const times: Record<'full' | 'empty', number[]> = { full: [], empty: [] };
  for (let read = 0; read < reads; read++) {
    times.full.push(readTime(config));
    times.empty.push(readTime(empty));
  }
  return median(times.full) - median(times.empty);
}

function readTime(config: string): number {
  const start = performance.now();
  execFileSync('ssh', ['-G', '-F', config, 'local-debian-999'], { stdio: ['ignore', 'pipe', 'ignore'] });
  return performance.now() - start;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
