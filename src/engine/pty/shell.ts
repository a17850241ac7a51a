import { spawn, type IPty } from 'node-pty';
import { quote } from '../../common/shell.ts';
import { bootEnvironment, runScript } from '../jail/bootScript.ts';
import { hangUp, signalGroup } from '../jail/hangUp.ts';
import type { Jail } from '../jail/jail.ts';
import { hangUpTree } from '../jail/killTree.ts';
import type { Tools } from '../jail/tools.ts';
import { InputQueue, writeTo } from './inputQueue.ts';

/** A shell that says nothing at first gets its input after this long all the same. */
const silentStartMs = 1000;
/** node-pty drops what it has not read this long after the end (200 ms); look well before. */
const endedPollMs = 50;
const signalCodeBase = 128;

export interface ShellSpec {
  /** The shell words of what runs instead of an interactive login shell. */
  exec?: string;
  cwd: string;
  env: Record<string, string>;
  cols: number;
  rows: number;
}

export interface ShellListener {
  onOutput(bytes: Buffer): void;
  /** All input has been taken. */
  onInputDrained(): void;
  onExit(code: number): void;
}

/**
 * An interactive shell in a jail, on a terminal. node-pty holds the outer end of it on the host; script(1), in the
 * jail, makes the one that the shell sees, since a terminal of the host has no name in there and would give the shell
 * no job control.
 */
export class Shell {
  readonly #pty: IPty;
  readonly #input: InputQueue;
  readonly #tracked: { dispose(): void };
  #open = true;
  #ended = false;
  #pausedPoll: NodeJS.Timeout | undefined;

  /** @throws HttpError 409 when the jail cannot be joined, 400 when the environment is too large. */
  constructor(jail: Jail, tools: Tools, spec: ShellSpec, listener: ShellListener) {
    const shell = tools.bash ?? '/bin/sh';
    const env = bootEnvironment({
      env: { SHELL: shell, ...spec.env },
      cwd: spec.cwd,
      exec: spec.exec ?? `${quote(shell)} -l`,
      cwdOptional: true,
    });
    const { file, args } = jail.join([tools.script, '-qec', runScript, '/dev/null']);
    const { cols, rows } = spec;
    this.#pty = spawn(file, args, { cols, rows, env, cwd: '/', name: 'xterm-256color', encoding: null });
    this.#tracked = jail.track(this.#pty.pid);
    this.#input = new InputQueue(writeTo(descriptorOf(this.#pty)), () => listener.onInputDrained());
    // Input that came before script(1) had set the outer terminal up would be echoed twice.
    const silent = setTimeout(() => this.#input.open(), silentStartMs);
    this.#pty.onData((data: unknown) => {
      this.#input.open();
      if (Buffer.isBuffer(data)) listener.onOutput(data);
    });
    onDescriptorClosed(this.#pty, () => this.#close());
    this.#pty.onExit(({ exitCode, signal }) => {
      clearTimeout(silent);
      this.#close();
      this.#tracked.dispose();
      this.#ended = true;
      listener.onExit(signal ? signalCodeBase + signal : exitCode);
    });
  }

  /** Bytes of input that the shell has not taken yet. */
  get inputBacklog(): number {
    return this.#input.backlog;
  }

  write(bytes: Buffer): void {
    this.#input.push(bytes);
  }

  resize(cols: number, rows: number): void {
    if (this.#open) this.#pty.resize(cols, rows);
  }

  /** Reads no more, so that the kernel holds the writer up; what a shell leaves when it ends is read even so. */
  pause(): void {
    if (!this.#open || this.#pausedPoll || !isAlive(this.#pty.pid)) return;
    this.#pty.pause();
    this.#pausedPoll = setInterval(() => {
      if (!isAlive(this.#pty.pid)) this.resume();
    }, endedPollMs);
  }

  resume(): void {
    if (!this.#pausedPoll) return;
    clearInterval(this.#pausedPoll);
    this.#pausedPoll = undefined;
    if (this.#open) this.#pty.resume();
  }

  signal(name: NodeJS.Signals): void {
    if (!this.#ended) signalGroup({ pid: this.#pty.pid, onTerminal: true }, name);
  }

  /** Tells it that its terminal was closed; what was started to outlive that, does. */
  hangUp(): void {
    if (!this.#ended) hangUp({ pid: this.#pty.pid, onTerminal: true });
  }

  /** Ends the shell and everything in its session. */
  async kill(): Promise<void> {
    if (!this.#ended) await hangUpTree(this.#pty.pid);
  }

  /** The descriptor is closed, and its number may soon be another file's. */
  #close(): void {
    this.#open = false;
    clearInterval(this.#pausedPoll);
    this.#input.close();
  }
}

/** What node-pty's Linux terminals have beyond their public type. */
interface LinuxPty {
  readonly fd: number;
  on(event: 'close', listener: () => void): void;
}

const isLinuxPty = (pty: object): pty is LinuxPty => 'fd' in pty && 'on' in pty;

function descriptorOf(pty: IPty): number {
  if (!isLinuxPty(pty)) throw new Error('node-pty does not show the descriptor of its terminal');
  return pty.fd;
}

function onDescriptorClosed(pty: IPty, listener: () => void): void {
  if (isLinuxPty(pty)) pty.on('close', listener);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
