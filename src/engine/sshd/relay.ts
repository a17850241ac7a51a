import type { ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { ServerChannel } from 'ssh2';
import { HttpError, invalidField } from '../http/httpError.ts';
import { sandboxPath } from '../jail/bootScript.ts';
import { hangUpTree } from '../jail/killTree.ts';
import { startIn } from '../jail/startIn.ts';
import type { ShellHome } from '../pty/session.ts';
import { Outflow } from './outflow.ts';
import { relayScript } from './relayScript.ts';

/** The variables of a sandbox play no part in what a relay does. */
const environment = { PATH: sandboxPath, LC_ALL: 'C.UTF-8' };
const maxLineBytes = 1024;
const deliveryMs = 5000;

/** A process in the jail that joins its standard streams with a socket there. What it says is not to be trusted. */
export class Relay {
  /** Resolves when it is gone. */
  readonly ended: Promise<void>;
  readonly #listens: boolean;
  readonly #child: ChildProcess;
  readonly #stdin: Writable;
  readonly #stdout: Readable;

  /**
   * @param words for `relayScript`
   * @throws HttpError 400, 409 while the sandbox does not run, 503 that names what to install
   */
  constructor({ jail, tools }: ShellHome, words: string[]) {
    if (!tools.perl) {
      throw new HttpError(
        503,
        'Forwarding needs "perl", which is not installed on this machine. Install it with "sudo apt install perl" ' +
          "or your system's package manager, and try again.",
      );
    }
    if (words.join('').includes('\0')) throw invalidField('address', 'must not hold a NUL');
    this.#listens = words[0] === 'listen';
    const command = [tools.perl, '-e', relayScript, ...words];
    this.#child = startIn(jail, command, environment, ['pipe', 'pipe', 'ignore']);
    this.#stdin = this.#child.stdin as Writable;
    this.#stdout = this.#child.stdout as Readable;
    for (const stream of [this.#stdin, this.#stdout]) stream.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      this.#child.once('close', () => resolve()).once('error', () => resolve());
    });
  }

  /** The next line that it says; undefined when it ends first, or talks on without an end. */
  async readLine(): Promise<string | undefined> {
    let heard = Buffer.alloc(0);
    try {
      for await (const chunk of this.#stdout.iterator({ destroyOnReturn: false })) {
        heard = Buffer.concat([heard, chunk as Buffer]);
        const end = heard.indexOf('\n');
        if (end >= 0) {
          this.#stdout.unshift(heard.subarray(end + 1));
          return heard.subarray(0, end).toString();
        }
        if (heard.length > maxLineBytes) return undefined;
      }
    } catch {
      // It was killed.
    }
    return undefined;
  }

  /** Passes bytes on between a channel and the socket until both have said their last; each may say so by itself. */
  async join(channel: ServerChannel): Promise<void> {
    channel.on('error', () => this.#letGo()).on('close', () => this.#letGo());
    // When the socket takes no more, what the client still sends is thrown away.
    this.#stdin.on('close', () => channel.resume());
    channel.pipe(this.#stdin);
    await new Outflow(channel).stdout(this.#stdout);
    channel.eof();
    await this.ended;
    channel.end();
  }

  /** Has a listening one listen no longer. */
  stopListening(): void {
    this.#stdin.write('\n');
  }

  /** Ends it. One that listens takes its socket away; another may still deliver what the client has sent. */
  end(): void {
    this.#letGo();
    if (this.#listens) return;
    const late = setTimeout(() => this.kill(), deliveryMs);
    void this.ended.then(() => clearTimeout(late));
  }

  kill(): void {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid !== undefined && exitCode === null && signalCode === null) void hangUpTree(pid);
    this.#letGo();
  }

  /** It ends when it has delivered what it was given, and notices that nobody hears it. */
  #letGo(): void {
    this.#stdin.end();
    this.#stdout.destroy();
  }
}
