import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { root } from '../../tools/paths.mts';

export interface RunningEngine {
  /** What the engine printed first. */
  line: { url?: string; socketPath?: string; tokenFile: string };
  /** Always there; what tests speak to unless they are about TCP. */
  socketPath: string;
  url: string | undefined;
  token: string;
  pid: number;
  dataDir: string;
  child: ChildProcess;
  /** Ends it as a person would, and says with which code it ended. */
  stop(): Promise<number | null>;
  /** Ends it without a chance to tidy up. */
  crash(): Promise<void>;
}

export interface StartOptions {
  /** Made anew when absent. */
  dataDir?: string;
  args?: string[];
  /** To whom a new data folder belongs. */
  user?: { uid: number; gid: number };
  /** Words before the command: programs that run it as somebody else, or in a namespace. */
  wrapper?: string[];
  /** Descriptors beyond the first three. */
  extraDescriptors?: number[];
}

let copy: string | undefined;

/** Copies the engine that was built before the run to where everybody can read it. `removeProgram` ends that. */
export function engineProgram(): string {
  if (copy) return copy;
  const folder = mkdtempSync(join(tmpdir(), 'engine-program-'));
  chmodSync(folder, 0o755);
  copy = join(folder, 'engine.js');
  cpSync(join(root, 'dist/engine.js'), copy);
  cpSync(join(root, 'dist/prebuilds'), join(folder, 'prebuilds'), { recursive: true });
  return copy;
}

export function removeProgram(): void {
  if (copy) rmSync(dirname(copy), { recursive: true });
  copy = undefined;
}

/** A new folder for an engine, that any user may reach. */
export function newDataDir(user?: { uid: number; gid: number }): string {
  const dataDir = mkdtempSync(join(tmpdir(), 'engine-data-'));
  if (user) chownSync(dataDir, user.uid, user.gid);
  return dataDir;
}

export async function startEngine(options: StartOptions = {}): Promise<RunningEngine> {
  const dataDir = options.dataDir ?? newDataDir(options.user);
  const child = launch({ ...options, dataDir });
  const line = await firstLine(child);
  const info = JSON.parse(readFileSync(join(dataDir, 'engine.json'), 'utf8'));
  return {
    line,
    socketPath: info.socketPath,
    url: info.url,
    token: readFileSync(line.tokenFile, 'utf8').trim(),
    pid: info.pid,
    dataDir,
    child,
    stop: () => end(child, info.pid, 'SIGTERM'),
    crash: async () => void (await end(child, info.pid, 'SIGKILL')),
  };
}

/** Starts it and returns at once. */
export function launch(options: StartOptions & { dataDir: string }): ChildProcess {
  const [file = '', ...args] = [
    ...(options.wrapper ?? []),
    process.execPath,
    engineProgram(),
    '--data',
    options.dataDir,
    '--idle-exit',
    '0',
    ...(options.args ?? []),
  ];
  return spawn(file, args, {
    stdio: ['ignore', 'pipe', 'pipe', ...(options.extraDescriptors ?? [])],
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOST_SECRET: 'of the host' },
    cwd: '/',
  });
}

/** @throws Error with what the engine complained about, when it ends without a line. */
export async function firstLine(child: ChildProcess): Promise<RunningEngine['line']> {
  const { stdout, stderr } = child;
  if (!stdout || !stderr) throw new Error('The engine was started without pipes');
  let complaint = '';
  stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  for await (const line of createInterface({ input: stdout })) return JSON.parse(line);
  throw new Error(`The engine ended without a line: ${complaint}`);
}

/** Ends an engine and removes all that belongs to it. */
export async function dispose(engine: RunningEngine): Promise<void> {
  await engine.stop();
  if (existsSync(engine.dataDir)) rmSync(engine.dataDir, { recursive: true, force: true });
}

/** Starts an engine that goes with the test. */
export async function startForTest(options?: StartOptions): Promise<RunningEngine> {
  const engine = await startEngine(options);
  onTestFinished(() => dispose(engine));
  return engine;
}

async function end(child: ChildProcess, pid: number, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exit = once(child, 'exit');
  process.kill(pid, signal);
  await exit;
  return child.exitCode;
}
