import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { WindowCommands } from './windowProcess.mts';

/** A window without an editor, in a process of its own. */
export class Window {
  readonly #process: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#process = child;
  }

  /**
   * Opens a window.
   * @param folder what it shares with others @param origin the address of its sandbox service
   */
  static async open(folder: string, origin: string): Promise<Window> {
    const program = join(import.meta.dirname, 'windowProcess.mts');
    const execArgv = ['--disable-warning=MODULE_TYPELESS_PACKAGE_JSON'];
    const window = new Window(fork(program, [folder, origin], { execArgv }));
    await window.#answer();
    return window;
  }

  /** Has the window do something, one thing at a time. @throws Error when it could not */
  async run<Name extends keyof WindowCommands>(
    name: Name,
    ...args: Parameters<WindowCommands[Name]>
  ): Promise<Awaited<ReturnType<WindowCommands[Name]>>> {
    this.#process.send({ name, args });
    return (await this.#answer()) as Awaited<ReturnType<WindowCommands[Name]>>;
  }

  /** Ends it as a crash does: at once, and without a word. */
  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exit = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await exit;
  }

  async #answer(): Promise<unknown> {
    const [{ result, error }] = (await once(this.#process, 'message')) as [
      { result?: unknown; error?: string },
    ];
    if (error !== undefined) throw new Error(error);
    return result;
  }
}
