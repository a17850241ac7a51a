import { quote } from '../../common/shell.ts';
import type { Exec, ExecOptions, Execution } from '../../sandboxes/provider.ts';
import type { Leap0Api } from './api.ts';

/**
 * Commands without a session (leap0-openapi.yaml, `processExecute`). The answer is text: bytes that are not UTF-8 have
 * become U+FFFD on the way.
 */
export class Leap0Exec implements Exec {
  readonly #api: Leap0Api;

  constructor(api: Leap0Api) {
    this.#api = api;
  }

  async run(
    sandboxId: string,
    command: string,
    { tty = false, ...options }: ExecOptions = {},
  ): Promise<Execution> {
    const execution = await this.#api.execute(sandboxId, tty ? onTerminal(command) : command, options);
    const { stdout, stderr } = execution;
    return { ...execution, stdout: Buffer.from(stdout, 'utf8'), stderr: Buffer.from(stderr, 'utf8') };
  }
}

/** The call has no terminal, so script(1) makes one in the sandbox. */
const onTerminal = (command: string) => `exec script -qefc ${quote(command)} /dev/null`;
