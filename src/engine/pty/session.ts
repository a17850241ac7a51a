import type { PtyCreateRequest } from '../../providers/leap0/wire/requests.ts';
import { folderOf } from '../jail/bootScript.ts';
import type { Jail } from '../jail/jail.ts';
import type { Tools } from '../jail/tools.ts';
import { closeCodes, type Connection } from './connection.ts';
import { OutputRing } from './outputRing.ts';
import { Shell } from './shell.ts';

const replayBytes = 2 * 1024 * 1024;
/**
 * Above the first the shell is held up for its slowest reader, below the second it goes on. All that waits here is
 * shown before the answer to Ctrl+C.
 */
const outputHighBytes = 64 * 1024;
const outputLowBytes = 16 * 1024;
/** Above this much input that the shell has not taken, its writers are held up. */
const inputHighBytes = 1024 * 1024;

/** What VS Code's terminals are. */
const terminalEnvironment = { TERM: 'xterm-256color', COLORTERM: 'truecolor' };

export interface ShellHome {
  jail: Jail;
  tools: Tools;
  environment: Record<string, string>;
}

/** A terminal of a sandbox. It outlives its connections, and for a while its shell. */
export class Session {
  readonly id: string;
  readonly #request: PtyCreateRequest;
  readonly #createdAt = new Date();
  readonly #onEnded: () => void;
  readonly #ring = new OutputRing(replayBytes);
  readonly #connections = new Set<Connection>();
  #size: { cols: number; rows: number };
  #shell: Shell | undefined;
  #exitCode: number | undefined;
  #unsent: Buffer[] = [];
  #isHeldUp = false;

  constructor(id: string, request: PtyCreateRequest, onEnded: () => void) {
    this.id = id;
    this.#request = request;
    this.#size = { cols: request.cols, rows: request.rows };
    this.#onEnded = onEnded;
  }

  get active(): boolean {
    return this.#exitCode === undefined;
  }

  /** Schema `PtySessionInfo` of leap0-openapi.yaml, and `exit_code` once the shell has ended. */
  info(): Record<string, unknown> {
    return {
      id: this.id,
      cwd: folderOf(this.#request.cwd),
      envs: this.#request.envs,
      ...this.#size,
      created_at: this.#createdAt.toISOString(),
      active: this.active,
      lazy_start: this.#request.lazy_start,
      ...(this.active ? {} : { exit_code: this.#exitCode }),
    };
  }

  /** Starts the shell, unless it has been. */
  start({ jail, tools, environment }: ShellHome): void {
    if (this.#shell || !this.active) return;
    const spec = {
      ...this.#size,
      cwd: folderOf(this.#request.cwd),
      env: { ...terminalEnvironment, ...environment, ...this.#request.envs },
    };
    this.#shell = new Shell(jail, tools, spec, {
      onOutput: (bytes) => this.#output(bytes),
      onInputDrained: () => this.#forEach((connection) => connection.resumeInput()),
      onExit: (code) => this.end(code, 'the shell has ended'),
    });
  }

  /** Replays what is kept, and from then on sends what comes. */
  attach(connection: Connection): void {
    this.#flush();
    connection.listen({
      onInput: (bytes) => this.#input(connection, bytes),
      onSent: () => this.#balance(),
      onStuck: () => this.#cutOff(connection),
      onClosed: () => {
        this.#connections.delete(connection);
        this.#balance();
      },
    });
    connection.send(this.#ring.snapshot());
    if (!this.active) connection.close(closeCodes.shellEnded, 'the shell has ended');
    else this.#connections.add(connection);
    this.#balance();
  }

  resize(cols: number, rows: number): void {
    this.#size = { cols, rows };
    this.#shell?.resize(cols, rows);
  }

  disconnect(code: number, reason: string): void {
    this.#flush();
    this.#forEach((connection) => connection.close(code, reason));
    this.#connections.clear();
    this.#balance();
  }

  async kill(): Promise<void> {
    await this.#shell?.kill();
    this.end(undefined, 'the terminal was deleted');
  }

  /** The shell is gone, whatever the reason. */
  end(code: number | undefined, reason: string): void {
    if (!this.active) return;
    this.#exitCode = code ?? killedCode;
    this.disconnect(closeCodes.shellEnded, reason);
    this.#onEnded();
  }

  #input(connection: Connection, bytes: Buffer): void {
    this.#shell?.write(bytes);
    if (this.#shell && this.#shell.inputBacklog > inputHighBytes) connection.pauseInput();
  }

  #output(bytes: Buffer): void {
    this.#ring.write(bytes);
    // One message for what arrives in one turn of the event loop, and no wait beyond it: it may be an echo.
    if (this.#unsent.length === 0) setImmediate(() => this.#flush());
    this.#unsent.push(bytes);
  }

  #flush(): void {
    if (this.#unsent.length === 0) return;
    const bytes = Buffer.concat(this.#unsent);
    this.#unsent = [];
    this.#forEach((connection) => connection.send(bytes));
    this.#balance();
  }

  #balance(): void {
    let backlog = 0;
    for (const connection of this.#connections) backlog = Math.max(backlog, connection.backlog);
    if (backlog > outputHighBytes) this.#isHeldUp = true;
    else if (backlog < outputLowBytes) this.#isHeldUp = false;
    if (this.#isHeldUp) this.#shell?.pause();
    else this.#shell?.resume();
  }

  /**
   * A reader that takes nothing, since its window hangs or its network is gone, holds up others only for as long as it
   * takes to be sure. It finds what it has missed when it connects again. When nobody else waits it is waited for.
   */
  #cutOff(connection: Connection): void {
    const waits = Array.from(this.#connections).some(({ backlog }) => backlog < outputLowBytes);
    if (!this.#isHeldUp || connection.backlog < outputLowBytes || !waits) return;
    this.#connections.delete(connection);
    connection.close(closeCodes.fellBehind, 'it reads nothing, and others wait');
    this.#balance();
  }

  #forEach(action: (connection: Connection) => void): void {
    for (const connection of Array.from(this.#connections)) action(connection);
  }
}

/** Of a shell that had no chance to say: as if by SIGKILL. */
const killedCode = 137;
