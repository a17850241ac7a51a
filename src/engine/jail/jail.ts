import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { PausableTimer } from '../../common/pausableTimer.ts';
import { conflict, HttpError } from '../http/httpError.ts';
import { sandboxPath } from './bootScript.ts';
import { bwrapArguments, firstProcess, maxProcesses, type JailLayout } from './bwrapArguments.ts';
import { sealed } from './descriptors.ts';
import { Freezer } from './freezer.ts';
import type { Network } from './network.ts';
import { readProcess, signal } from './processTable.ts';
import { jailRefused } from './refusal.ts';
import { limitsProcessesPerJail, type Tools } from './tools.ts';

const bootTimeoutMs = 20_000;
const helperTimeoutMs = 20_000;
const rouseMs = 10;

/** A program and its arguments, ready to be started on the host and to end up inside the jail. */
export interface Joining {
  file: string;
  args: string[];
}

/** A set of namespaces with processes in it: made by bwrap, joined by nsenter, gone when process 1 is. */
export class Jail {
  readonly #tools: Tools;
  readonly #monitor: ChildProcess;
  readonly #firstPid: number;
  readonly #joined = new Set<number>();
  readonly #timers = new Set<PausableTimer>();
  readonly #freezer: Freezer;
  readonly #network: Network | undefined;
  /** Resolves when nothing of the jail is left. */
  readonly ended: Promise<void>;
  #frozen = false;
  #killed = false;

  constructor(parts: {
    tools: Tools;
    monitor: ChildProcess;
    firstPid: number;
    network: Network | undefined;
  }) {
    this.#tools = parts.tools;
    this.#monitor = parts.monitor;
    this.#firstPid = parts.firstPid;
    this.#network = parts.network;
    this.#freezer = new Freezer({
      roots: () => [this.#firstPid, ...this.#joined],
      isBeingJoined: () => this.#isBeingJoined(),
      stopAll: () =>
        runHelper(parts.tools, this.#joinArguments(['/bin/sh', '-c', 'kill -STOP -1 2>/dev/null || true'])),
    });
    this.ended = untilExit(parts.monitor).then(() => this.#network?.stop());
  }

  /**
   * How to start a process in this jail: without capabilities, and unable to gain any. Start it at once, detached or
   * on a terminal of its own, so that it gets no hold of the engine's.
   * @throws HttpError 409 while the jail is frozen or when it has ended.
   */
  join(command: string[]): Joining {
    if (this.#frozen) throw conflict('The sandbox is paused.');
    if (this.hasEnded) throw conflict('The sandbox has just ended.');
    const { nsenter, prlimit, setpriv } = this.#tools;
    const limit = limitsProcessesPerJail() ? [prlimit, `--nproc=${maxProcesses}:${maxProcesses}`, '--'] : [];
    const drop = ['--bounding-set=-all', '--inh-caps=-all', '--ambient-caps=-all', '--no-new-privs', '--'];
    return {
      file: setpriv,
      // A frozen nsenter would outlive a crashed engine, and keep its dead child in the jail.
      args: [
        '--pdeathsig',
        'KILL',
        '--',
        nsenter,
        ...this.#joinArguments([...limit, setpriv, ...drop, ...command]),
      ],
    };
  }

  /** Takes note of a process that was started by `join`, until it ends. It is frozen and thawed with the rest. */
  track(pid: number): { dispose(): void } {
    this.#joined.add(pid);
    return { dispose: () => this.#joined.delete(pid) };
  }

  /** Calls after so much time that is time in the jail, too: it stands still while that is frozen. */
  after(ms: number, due: () => void): { dispose(): void } {
    const timer = new PausableTimer(ms, due);
    this.#timers.add(timer);
    return {
      dispose: () => {
        timer.clear();
        this.#timers.delete(timer);
      },
    };
  }

  /**
   * Stops everything in it from running, until `thaw`.
   * @throws HttpError 503 when it does not let itself be stopped
   */
  async freeze(): Promise<void> {
    this.#setFrozen(true);
    try {
      await this.#freezer.freeze();
    } catch (error) {
      this.#setFrozen(false);
      throw error;
    }
  }

  thaw(): void {
    this.#freezer.thaw();
    this.#setFrozen(false);
  }

  #setFrozen(frozen: boolean): void {
    this.#frozen = frozen;
    for (const timer of this.#timers) {
      if (frozen) timer.pause();
      else timer.resume();
    }
  }

  /** Whether it has ended, or is about to because it was told to. */
  get hasEnded(): boolean {
    return this.#killed || hasExited(this.#monitor);
  }

  /** Ends everything in it. */
  async kill(): Promise<void> {
    this.#killed = true;
    if (!hasExited(this.#monitor)) signal(this.#firstPid, 'SIGKILL');
    // Those that are frozen must see their children's end before the jail can end, and stop once more when the first
    // that they see is that their child was stopped.
    const rouse = () => this.#joined.forEach((pid) => signal(pid, 'SIGCONT'));
    rouse();
    const rousing = setInterval(rouse, rouseMs);
    await this.ended;
    clearInterval(rousing);
  }

  /** Whether a process has been started by `join` and is not nsenter yet. */
  #isBeingJoined(): boolean {
    return Array.from(this.#joined, readProcess).some(
      (entry) => entry !== undefined && entry.state !== 'Z' && entry.name !== basename(this.#tools.nsenter),
    );
  }

  /**
   * The process ID is of a child of a child of ours, and is not given away before bwrap has ended. Should it be, then
   * joining fails: no process may enter the user namespace that it is in already.
   */
  #joinArguments(command: string[]): string[] {
    return joinArguments(this.#firstPid, ['-m', '-p', '-i', '-u', '-n'], command);
  }
}

/**
 * Makes a jail and waits until it may be joined.
 * @param startNetwork gives the jail of this process ID a network, when it is to have one.
 * @throws HttpError 503 when this machine does not let us.
 */
export async function bootJail(
  tools: Tools,
  layout: JailLayout,
  startNetwork?: (pid: number) => Promise<Network | undefined>,
): Promise<Jail> {
  const first = firstProcess(tools.prlimit, limitsProcessesPerJail());
  const monitor = spawn(tools.bwrap, bwrapArguments(layout, first), {
    // Process 1 ends when its input does, that is with the engine, however that ends.
    stdio: sealed(['pipe', 'pipe', 'pipe', 'pipe']),
    env: { PATH: sandboxPath },
    cwd: '/',
    detached: true,
  });
  let network: Promise<Network | undefined> | undefined;
  try {
    const firstPid = await untilReady(monitor);
    network = startNetwork?.(firstPid);
    await Promise.all([network, forbidNestedNamespaces(tools, firstPid)]);
    return new Jail({ tools, monitor, firstPid, network: await network });
  } catch (error) {
    monitor.kill('SIGKILL');
    (await network?.catch(() => undefined))?.stop();
    await untilExit(monitor);
    throw error;
  }
}

/** Waits for the process ID of process 1, and for its own word that the mounts are in place. */
async function untilReady(monitor: ChildProcess): Promise<number> {
  const [, stdout, stderr, info] = monitor.stdio as Readable[];
  if (!stdout || !stderr || !info) throw new Error('bwrap was started without pipes');
  const words = collect(stderr);
  const facts = collect(info);
  const ready = Promise.all([once(stdout, 'data'), once(info, 'end')]).then(() => 'ready' as const);
  const ended = once(monitor, 'close').then(() => 'ended' as const);
  const outcome = await Promise.race([ready, ended, delay(bootTimeoutMs, 'late' as const, { ref: false })]);
  if (outcome === 'late') {
    throw new HttpError(
      503,
      'bubblewrap did not make a jail in time. Try again when the machine is less busy.',
    );
  }
  const pid = Number(/"child-pid":\s*(\d+)/.exec(facts.text())?.[1]);
  if (outcome === 'ended' || !pid) throw jailRefused(words.text());
  return pid;
}

/**
 * Sets the jail's own limit of user namespaces to none: in a nested one its processes would have capabilities again,
 * and with them much more of the kernel to attack.
 */
async function forbidNestedNamespaces(tools: Tools, pid: number): Promise<void> {
  const command = ['/bin/sh', '-c', 'echo 0 > /proc/sys/user/max_user_namespaces'];
  await runHelper(tools, joinArguments(pid, [], command));
}

function joinArguments(pid: number, namespaces: string[], command: string[]): string[] {
  return ['-t', String(pid), '-U', '--preserve-credentials', ...namespaces, '--', ...command];
}

/** Runs a trusted command of ours with the capabilities that the engine has over its jail. */
async function runHelper(tools: Tools, args: string[]): Promise<void> {
  const child = spawn(tools.nsenter, args, {
    stdio: sealed(['ignore', 'ignore', 'pipe']),
    env: { PATH: sandboxPath },
    cwd: '/',
    detached: true,
    timeout: helperTimeoutMs,
    killSignal: 'SIGKILL',
  });
  const stderr = collect(child.stdio[2] as Readable);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0)
    throw new HttpError(503, `The jail could not be set up: ${stderr.text().trim() || 'nsenter failed'}.`);
}

function collect(stream: Readable): { text(): string } {
  let kept = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    if (kept.length < 4096) kept += chunk;
  });
  return { text: () => kept };
}

const hasExited = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null;

async function untilExit(child: ChildProcess): Promise<void> {
  if (!hasExited(child) && child.pid !== undefined) await once(child, 'exit');
}
