// Measures, prints one JSON object per line, and fails when a number is past its limit.
import { glob, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { root } from '../tools/paths.mts';
import { quietly } from '../tools/run.mts';

interface Budget {
  limit: number;
  unit: string;
  /** Which way is better; `down` unless said. */
  direction?: 'up' | 'down';
}

/** Tells the runner a measured number; its name has a budget. */
export type Report = (name: string, value: number) => void;

export type Bench = (report: Report) => Promise<void>;

const folder = import.meta.dirname;
const budgets: Record<string, Budget> = JSON.parse(await readFile(join(folder, 'budgets.json'), 'utf8'));
const filters = process.argv.slice(2);
let failed = false;

function report(name: string, value: number): void {
  const budget = budgets[name];
  if (!budget) throw new Error(`budgets.json has no limit for ${name}`);
  const { limit, unit, direction } = budget;
  const ok = direction === 'up' ? value >= limit : value <= limit;
  failed ||= !ok;
  console.log(JSON.stringify({ name, value: Number(value.toPrecision(4)), unit, limit, ok }));
}

await quietly('node', ['src/build.mts'], { cwd: root });
for await (const file of glob('*.bench.mts', { cwd: folder })) {
  if (filters.length > 0 && !filters.some((part) => basename(file).includes(part))) continue;
  const { default: bench }: { default: Bench } = await import(join(folder, file));
  await bench(report);
}
process.exit(failed ? 1 : 0);
