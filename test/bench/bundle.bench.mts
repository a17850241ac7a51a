// What the extension weighs, and what it costs to load it.
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../tools/paths.mts';
import { packageVsix } from '../tools/vsix.mts';
import type { Report } from './run.mts';

const runs = 15;

/** Stands in for `vscode` while the module loads: whatever is asked of it is a class of that kind. */
const stub = `
const anything = new Proxy(class {}, { get: (target, name) => (name in target ? target[name] : anything) });
module.exports = Object.create(new Proxy({}, { get: (_, name) => (name === '__esModule' ? undefined : anything) }));
`;

const measure = `
const start = performance.now();
require(process.argv[1]);
console.log(performance.now() - start);
`;

export default async function bundle(report: Report): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-explorer-bench-'));
  try {
    const extension = join(root, 'dist/extension.js');
    report('extension.js', await kilobytes(extension));
    report('net.js', await kilobytes(join(root, 'dist/net.js')));
    const vsix = join(folder, 'bench.vsix');
    await packageVsix(vsix);
    report('vsix', await kilobytes(vsix));
    report('require extension.js', await requireTime(extension, folder));
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function kilobytes(file: string): Promise<number> {
  return (await stat(file)).size / 1024;
}

/** The median over fresh processes, without the time that Node itself takes to start. */
async function requireTime(extension: string, folder: string): Promise<number> {
  await mkdir(join(folder, 'vscode'));
  await writeFile(join(folder, 'vscode/index.js'), stub);
  const env = { ...process.env, NODE_PATH: folder };
  const once = () => Number(execFileSync('node', ['-e', measure, extension], { env, encoding: 'utf8' }));
  const times = Array.from({ length: runs }, once).toSorted((a, b) => a - b);
  return times[Math.floor(runs / 2)] ?? Number.NaN;
}
