import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLocal } from '../../src/providers/index.ts';
import { stopEngine } from '../tools/engine.mts';
import { root } from '../tools/paths.mts';

type LocalOptions = Parameters<typeof openLocal>[0];

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Lends an engine of its own, as the extension starts it, and the provider that speaks to it. */
export async function withLocalEngine(
  work: (provider: ReturnType<typeof openLocal>, options: LocalOptions) => Promise<void>,
): Promise<void> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'sandbox-explorer-bench-'));
  await chmod(dataFolder, 0o711);
  const timeouts = () => ({ callMs: 30_000, createMs: 30_000 });
  const program = join(root, 'dist/engine.js');
  const options = { program, dataFolder, log: silent, hide: () => {}, timeouts };
  const provider = openLocal(options);
  try {
    await work(provider, options);
  } finally {
    provider.dispose();
    await stopEngine(dataFolder);
    await rm(dataFolder, { recursive: true, force: true });
  }
}

/** A sandbox that a bench asks for. */
export const small = { vcpu: 1, memoryMib: 512, timeoutMinutes: 10, autoPause: false };

export const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
