// How quickly the engine makes a sandbox that can be typed into, and how much memory many of them take.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { descendantsOf } from '../contract/engine/hosts.ts';
import { median, small, withLocalEngine } from './localEngine.mts';
import type { Report } from './run.mts';

const sandboxes = 20;
/** Milliseconds until an engine that has nothing to do has settled. */
const settleMs = 5000;

type Provider = Parameters<Parameters<typeof withLocalEngine>[0]>[0];

export default async function engine(report: Report): Promise<void> {
  await withLocalEngine(async (provider, { dataFolder }) => {
    // A first call starts the engine.
    await provider.list();
    const times: number[] = [];
    while (times.length < sandboxes) times.push(await untilPrompt(provider));
    report('create to first prompt', median(times));
    await delay(settleMs);
    const { pid }: { pid: number } = JSON.parse(await readFile(join(dataFolder, 'engine.json'), 'utf8'));
    report('engine with 20 sandboxes and 20 shells', await megabytes(pid, 'status', 'VmRSS'));
    // Memory that processes share is divided among them.
    const shares = [pid, ...descendantsOf(pid)].map((each) => megabytes(each, 'smaps_rollup', 'Pss'));
    const all = (await Promise.all(shares)).reduce((sum, share) => sum + share, 0);
    report('the same with its sandboxes and shells', all);
  });
}

/** Milliseconds from asking for a sandbox to the first prompt of a terminal in it; the terminal stays. */
async function untilPrompt(provider: Provider): Promise<number> {
  const { createLimits, terminals } = provider;
  if (!terminals) throw new Error('The engine has no terminals');
  const start = performance.now();
  const { id } = await provider.create({ ...small, template: createLimits.templates[0] ?? '' });
  const session = await terminals.create(id, { cols: 80, rows: 24 });
  const channel = await terminals.connect(id, session.id);
  await new Promise<void>((resolve) => {
    let shown = '';
    channel.onData((bytes) => {
      shown += Buffer.from(bytes).toString();
      if (shown.endsWith('$ ')) resolve();
    });
    channel.resume();
  });
  return performance.now() - start;
}

/** A figure that the kernel gives in kB. */
async function megabytes(pid: number, file: string, field: string): Promise<number> {
  const text = await readFile(`/proc/${pid}/${file}`, 'utf8');
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]) / 1024;
}
