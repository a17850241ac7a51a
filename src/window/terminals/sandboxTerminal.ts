import * as vscode from 'vscode';
import { DisposableStore } from '../../common/disposable.ts';
import { Latest } from '../../common/latest.ts';
import { plain } from '../../common/text.ts';
import { Alarm } from '../../common/time.ts';
import { explain, ProviderError } from '../../sandboxes/errors.ts';
import type { SessionRequest, Terminals } from '../../sandboxes/provider.ts';
import { isShell } from '../../sandboxes/sessionInput.ts';
import type { Session } from '../../sandboxes/sandbox.ts';
import type { ChannelEnd, PtyChannel } from '../../terminals/channel.ts';
import { Decoder } from '../../terminals/decoder.ts';
import { OutputPacer } from '../../terminals/outputPacer.ts';

/** What a new session is made with; what is missing is the service's choice. */
export interface NewSession extends Omit<SessionRequest, 'cols' | 'rows'> {
  /** The path of a shell in the sandbox that takes the place of the service's own. */
  readonly shell?: string | undefined;
}

export interface SandboxTerminalOptions {
  readonly sandboxId: string;
  readonly terminals: Terminals;
  /** The session to attach to; a new one is made where it is missing. */
  readonly session: Session | undefined;
  readonly newSession?: NewSession;
  /** Tells that VS Code has drawn the terminal. */
  readonly onOpen?: () => void;
  /** Tells that another session is shown now, or none any more. */
  readonly onSession: () => void;
  /** Tells that the connection has ended, though the shell may not have. */
  readonly onDisconnected?: () => void;
}

type Size = Pick<vscode.TerminalDimensions, 'columns' | 'rows'>;

type Phase =
  | { readonly kind: 'connecting'; readonly typedAhead: string[] }
  | { readonly kind: 'live'; readonly channel: PtyChannel; readonly output: OutputPacer }
  | { readonly kind: 'lost'; told: boolean }
  | { readonly kind: 'over' };

/** A terminal that was never shown has no size yet. */
const sizeBeforeShown: Size = { columns: 80, rows: 24 };
/** A connection that takes longer is worth a word. Milliseconds. */
const patienceMs = 1_000;
/** In this time the service's shell has become the one that was asked for, even on a busy machine. */
const becomingMs = 3_000;

/** A VS Code terminal over a PTY session. It wires the parts together and holds no logic of its own. */
export class SandboxTerminal implements vscode.Pseudoterminal {
  readonly #options: SandboxTerminalOptions;
  readonly #store = new DisposableStore();
  readonly #write = this.#store.add(new vscode.EventEmitter<string>());
  readonly #closed = this.#store.add(new vscode.EventEmitter<number | undefined>());
  readonly #decoder = new Decoder();
  readonly #encoder = new TextEncoder();
  readonly #opening = new AbortController();
  readonly #sizes = new Latest<Size>((size) => this.#tellSize(size));
  readonly #patience = this.#store.add(new Alarm());
  readonly #becoming = this.#store.add(new Alarm());
  readonly onDidWrite = this.#write.event;
  readonly onDidClose = this.#closed.event as vscode.Event<number | void>;
  #phase: Phase = { kind: 'connecting', typedAhead: [] };
  #size: Size | undefined;
  #session: Session | undefined;

  /** @throws ProviderError `invalid` when the shell is more than a path */
  constructor(options: SandboxTerminalOptions) {
    const { shell } = options.newSession ?? {};
    if (shell !== undefined && !isShell(shell)) {
      throw new ProviderError(
        'invalid',
        `The shell ${shell} is no absolute path of letters, digits and . _ + - /`,
      );
    }
    this.#options = options;
    this.#session = options.session;
  }

  /** The session that this terminal shows; missing before it is made, and after the terminal has left it. */
  get session(): Session | undefined {
    return this.#phase.kind === 'over' ? undefined : this.#session;
  }

  open(initial: vscode.TerminalDimensions | undefined): void {
    this.#size ??= initial;
    this.#options.onOpen?.();
    this.#patience.set(patienceMs, () => this.#write.fire(connecting));
    void this.#connect();
  }

  setDimensions(size: vscode.TerminalDimensions): void {
    this.#size = size;
    this.#sizes.run(size);
  }

  handleInput(data: string): void {
    const phase = this.#phase;
    // What waits in the terminal while one shell becomes the other is a line only when a line feed ends it.
    const text = this.#becoming.isSet ? data.replaceAll('\r', '\n') : data;
    if (phase.kind === 'live') phase.channel.write(this.#encoder.encode(text));
    else if (phase.kind === 'connecting') phase.typedAhead.push(data);
    else if (phase.kind === 'lost' && !phase.told) {
      phase.told = true;
      this.#say('The connection is lost: what is typed now goes nowhere.');
    }
  }

  /** Leaves the session: whether the user closed the tab, or the window goes away, is not known here. */
  close(): void {
    this.#hangUp();
    this.#store.dispose();
  }

  /** Leaves the session while the terminal stays, and says why. */
  leave(why: string): void {
    if (this.#phase.kind === 'over') return;
    this.#hangUp();
    this.#leave();
    this.#say(why);
  }

  /** Ends the shell with its session; one that is still being made is ended as soon as it stands. */
  async kill(): Promise<void> {
    const { session } = this;
    this.#leave();
    if (session) await this.#options.terminals.delete(this.#options.sandboxId, session.id);
  }

  async #connect(): Promise<void> {
    const { terminals, sandboxId, onSession } = this.#options;
    const { signal } = this.#opening;
    try {
      const size = this.#size ?? sizeBeforeShown;
      const session = this.#session ?? (await this.#create(size));
      if (this.#phase.kind === 'over') return await terminals.delete(sandboxId, session.id);
      this.#session = session;
      onSession();
      this.#start(await terminals.connect(sandboxId, session.id, { signal }));
      if (this.#options.session || this.#size !== size) this.#sizes.run(this.#size ?? size);
    } catch (thrown) {
      if (!signal.aborted) await this.#giveUp(ProviderError.from(thrown));
    }
  }

  #create({ columns, rows }: Size): Promise<Session> {
    const { terminals, sandboxId, newSession } = this.#options;
    const { id, cwd, env } = newSession ?? {};
    return terminals.create(sandboxId, { id, cwd, env, cols: columns, rows });
  }

  /** A session of our own that never had a connection has no shell, and is of no use to anybody. */
  async #giveUp(failure: ProviderError): Promise<void> {
    const { terminals, sandboxId, session } = this.#options;
    const unused = session ? undefined : this.#session;
    this.#leave();
    this.#say(`Cannot connect. ${explain(failure)}`);
    if (unused) await terminals.delete(sandboxId, unused.id).catch(() => undefined);
  }

  #start(channel: PtyChannel): void {
    if (this.#opening.signal.aborted) return channel.close();
    const typedAhead = this.#phase.kind === 'connecting' ? this.#phase.typedAhead : [];
    const output = new OutputPacer(channel, (bytes) => this.#write.fire(this.#decoder.decode(bytes)));
    this.#phase = { kind: 'live', channel, output };
    if (!this.#patience.isSet) this.#write.fire(clearLine);
    this.#patience.clear();
    this.#store.add(channel.onData((bytes) => output.push(bytes)));
    this.#store.add(
      channel.onLost(() => {
        output.end();
        this.#phase = { kind: 'lost', told: false };
      }),
    );
    this.#store.add(channel.onEnd((end) => this.#finish(end)));
    channel.resume();
    for (const data of this.#firstInput(typedAhead)) this.handleInput(data);
  }

  /** No service can be told which shell to start, so the one that it starts is told to become another. */
  #firstInput(typedAhead: readonly string[]): readonly string[] {
    const { session, newSession: { shell } = {} } = this.#options;
    if (session || shell === undefined) return typedAhead;
    this.#becoming.set(becomingMs, () => undefined);
    return [`exec ${shell}\r`, ...typedAhead];
  }

  #finish(end: ChannelEnd): void {
    if (this.#phase.kind === 'over') return;
    this.#leave();
    if (end.kind === 'exited') return this.#closed.fire(end.exitCode);
    this.#options.onDisconnected?.();
    const rest = end.sessionLives ? ' Its session waits in the Sandbox Explorer, to be attached again.' : '';
    this.#say(`Disconnected: ${end.reason}.${rest}`);
  }

  #hangUp(): void {
    this.#opening.abort(new ProviderError('cancelled', 'The terminal was closed.'));
    if (this.#phase.kind !== 'live') return;
    this.#phase.channel.close();
    this.#phase.output.end();
  }

  #leave(): void {
    this.#patience.clear();
    this.#phase = { kind: 'over' };
    this.#options.onSession();
  }

  async #tellSize({ columns, rows }: Size): Promise<void> {
    // A size that did not arrive is put right by the next one, and by the next connection.
    if (this.#phase.kind === 'live') await this.#phase.channel.resize(columns, rows).catch(() => undefined);
  }

  #say(message: string): void {
    this.#write.fire(`\r\n\u001b[33m${plain(message)}\u001b[0m\r\n`);
  }
}

const connecting = '\u001b[2mConnecting…\u001b[0m';
const clearLine = '\r\u001b[2K';
