import { type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { interrupted } from './interrupted.mts';
import { root } from './paths.mts';

type Options = Pick<SpawnOptions, 'cwd' | 'env'>;

/** Takes a line of a program's output. */
export type Print = (line: string) => void;

const common = { cwd: root, signal: interrupted };

/**
 * Runs a program whose output the person wants to see; its exit code.
 * @param options `print` gets the output line by line, which otherwise goes straight to the terminal
 */
export async function show(
  command: string,
  args: string[],
  { print, ...options }: Options & { print?: Print | undefined } = {},
): Promise<number> {
  const output = print ? 'pipe' : 'inherit';
  const child = spawn(command, args, { ...common, ...options, stdio: ['ignore', output, output] });
  for (const input of [child.stdout, child.stderr]) {
    if (input && print) createInterface({ input }).on('line', print);
  }
  const [code] = await once(child, 'close');
  return typeof code === 'number' ? code : 1;
}

/** Runs a program whose output matters only when it fails; its output. */
export async function quietly(command: string, args: string[], options: Options = {}): Promise<string> {
  const child = spawn(command, args, { ...common, ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = await once(child, 'close');
  if (code === 0) return output;
  throw new Error(`${[command, ...args].join(' ')} failed (${code}):\n${output}`);
}

/** Announces a step on stderr and, when it took long enough to wonder about, how long it took. */
export async function step<T>(title: string, work: () => Promise<T>): Promise<T> {
  console.error(`${title} …`);
  const start = performance.now();
  const result = await work();
  const seconds = (performance.now() - start) / 1000;
  if (seconds > 1) console.error(`  done in ${seconds.toFixed(1)} s`);
  return result;
}
