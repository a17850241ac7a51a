import { constants } from 'node:os';
import type { ServerChannel, Session } from 'ssh2';
import { HttpError, invalidField } from '../http/httpError.ts';
import { quote } from '../../common/shell.ts';
import type { LogFile } from '../logFile.ts';
import type { ShellHome } from '../pty/session.ts';
import { ClientEnvironment } from './clientEnvironment.ts';
import { runOnPipes } from './onPipes.ts';
import { runOnTerminal, type Terminal } from './onTerminal.ts';
import type { Running } from './running.ts';

/** What a process can be told, and what can be told of its end, by the names of RFC 4254, section 6.10. */
const signals: ReadonlySet<string> = new Set(
  'ABRT ALRM FPE HUP ILL INT KILL PIPE QUIT SEGV TERM USR1 USR2'.split(' '),
);
/** ssh(1)'s own, for what is not the command's fault. */
const failedCode = 255;
const signalCodeBase = 128;
const maxCells = 10_000;

/** A session channel (RFC 4254, section 6): one shell, command or SFTP server, on pipes or on a terminal. */
export class SshSession {
  readonly #enter: () => Promise<ShellHome>;
  readonly #log: LogFile;
  readonly #environment = new ClientEnvironment();
  readonly #over = Promise.withResolvers<void>();
  #terminal: Terminal | undefined;
  #running: Running | undefined;
  #ended = false;

  /** @param enter makes the sandbox ready for a new process */
  constructor(session: Session, enter: () => Promise<ShellHome>, log: LogFile) {
    this.#enter = enter;
    this.#log = log;
    this.#prepare(session);
    // Accepted at once: when the client's input has ended meanwhile, ssh2 would make no channel any more.
    session.on('shell', (accept) => this.#begin(accept(), loginShell));
    session.on('exec', (accept, _, { command }) =>
      this.#begin(accept(), (home) => shellCommand(home, command)),
    );
    session.on('subsystem', (accept, reject, { name }) => {
      if (name === 'sftp') this.#begin(accept(), sftpServer);
      else reject();
    });
    session.on('close', () => this.end());
  }

  /** Resolves when the client has closed it. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  /** The client has closed it, or is gone. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#running?.hangUp();
    this.#over.resolve();
  }

  #prepare(session: Session): void {
    session.on('env', (accept, reject, { key, val }) => {
      answer(this.#environment.set(key, val), accept, reject);
    });
    session.on('pty', (accept, reject, { term, cols, rows }) => {
      if (!this.#running) this.#terminal = { type: terminalType(term), size: sizeOf(cols, rows) };
      answer(!this.#running, accept, reject);
    });
    session.on('window-change', (accept, reject, { cols, rows }) => {
      if (this.#terminal) this.#terminal.size = sizeOf(cols, rows);
      this.#running?.resize(sizeOf(cols, rows));
      answer(this.#terminal !== undefined, accept, reject);
    });
    session.on('signal', (accept, reject, { name }) => {
      if (signals.has(name)) this.#running?.signal(`SIG${name}` as NodeJS.Signals);
      answer(signals.has(name), accept, reject);
    });
  }

  #begin(channel: ServerChannel | undefined, wish: (home: ShellHome) => string): void {
    if (!channel) return;
    for (const stream of [channel, channel.stderr]) stream.on('error', () => this.end());
    this.#run(channel, wish).catch((error: unknown) => this.#refuse(channel, error));
  }

  async #run(channel: ServerChannel, wish: (home: ShellHome) => string): Promise<void> {
    const home = await this.#enter();
    if (this.#ended) return;
    const exec = wish(home);
    const variables = { SHELL: shellOf(home), ...this.#environment.variables };
    this.#running = this.#terminal
      ? runOnTerminal(channel, home, exec, variables, this.#terminal)
      : runOnPipes(channel, home, exec, variables);
    const outcome = await this.#running.ended;
    if (this.#ended) return;
    exit(channel, outcome);
  }

  /** Tells the person in the command's own place, since the protocol has no words for it. */
  #refuse(channel: ServerChannel, error: unknown): void {
    if (this.#ended) return;
    const expected = error instanceof HttpError;
    if (!expected) this.#log.error('an SSH session failed', error);
    const words = expected ? error.message : 'The engine failed; its log, engine.log, tells more.';
    channel.stderr.write(`${words}\r\n`, () => exit(channel, failedCode));
  }
}

/** The status goes out before the channel is closed, or the client would report 255. */
function exit(channel: ServerChannel, outcome: number | NodeJS.Signals): void {
  if (typeof outcome === 'number') channel.exit(outcome);
  else if (signals.has(outcome.slice('SIG'.length))) channel.exit(outcome, false, '');
  else channel.exit(signalCodeBase + constants.signals[outcome]);
  channel.end();
}

function answer(success: boolean, accept?: () => void, reject?: () => void): void {
  if (success) accept?.();
  else reject?.();
}

const shellOf = ({ tools }: ShellHome) => tools.bash ?? '/bin/sh';

const loginShell = (home: ShellHome) => `${quote(shellOf(home))} -l`;

function shellCommand(home: ShellHome, command: string): string {
  if (command.includes('\0')) throw invalidField('command', 'must not hold a NUL');
  return `${quote(shellOf(home))} -c ${quote(command)}`;
}

/** @throws HttpError 503 that names what to install. */
function sftpServer({ tools }: ShellHome): string {
  if (tools.sftpServer) return quote(tools.sftpServer);
  throw new HttpError(
    503,
    'File transfer needs the SFTP server of OpenSSH, which is not installed on this machine. Install it with ' +
      '"sudo apt install openssh-sftp-server" or your system\'s package manager, and try again.',
  );
}

const terminalType = (term: string) => (/^[\w.+-]{1,64}$/.test(term) ? term : 'xterm');

const cells = (count: number, otherwise: number) => (count > 0 && count <= maxCells ? count : otherwise);
const sizeOf = (cols: number, rows: number) => ({ cols: cells(cols, 80), rows: cells(rows, 24) });
