import * as vscode from 'vscode';
import { DisposableStore } from '../../common/disposable.ts';
import { Latest } from '../../common/latest.ts';
import { plain } from '../../common/text.ts';
import { explain, ProviderError } from '../../sandboxes/errors.ts';
import type { Terminals } from '../../sandboxes/provider.ts';
import type { Session } from '../../sandboxes/sandbox.ts';
import type { ChannelEnd, PtyChannel } from '../../terminals/channel.ts';
import { Decoder } from '../../terminals/decoder.ts';

export interface SandboxTerminalOptions {
  readonly sandboxId: string;
  readonly terminals: Terminals;
  /** The session to attach to; a new one is made where it is missing. */
  readonly session: Session | undefined;
  /** Tells that another session is shown now, or none any more. */
  readonly onSession: () => void;
}

type Size = Pick<vscode.TerminalDimensions, 'columns' | 'rows'>;

type Phase =
  | { readonly kind: 'connecting'; readonly typedAhead: string[] }
  | { readonly kind: 'live'; readonly channel: PtyChannel }
  | { readonly kind: 'lost'; told: boolean }
  | { readonly kind: 'over' };

/** A terminal that was never shown has no size yet. */
const sizeBeforeShown: Size = { columns: 80, rows: 24 };

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
  readonly onDidWrite = this.#write.event;
  readonly onDidClose = this.#closed.event as vscode.Event<number | void>;
  #phase: Phase = { kind: 'connecting', typedAhead: [] };
  #size: Size | undefined;
  #session: Session | undefined;

  constructor(options: SandboxTerminalOptions) {
    this.#options = options;
    this.#session = options.session;
  }

  /** The session that this terminal shows; missing before it is made, and after the terminal has left it. */
  get session(): Session | undefined {
    return this.#phase.kind === 'over' ? undefined : this.#session;
  }

  open(initial: vscode.TerminalDimensions | undefined): void {
    this.#size ??= initial;
    void this.#connect();
  }

  setDimensions(size: vscode.TerminalDimensions): void {
    this.#size = size;
    this.#sizes.run(size);
  }

  handleInput(data: string): void {
    const phase = this.#phase;
    if (phase.kind === 'live') phase.channel.write(this.#encoder.encode(data));
    else if (phase.kind === 'connecting') phase.typedAhead.push(data);
    else if (phase.kind === 'lost' && !phase.told) {
      phase.told = true;
      this.#say('The connection is lost: what is typed now goes nowhere.');
    }
  }

  /** Leaves the session: whether the user closed the tab, or the window goes away, is not known here. */
  close(): void {
    this.#opening.abort(new ProviderError('cancelled', 'The terminal was closed.'));
    if (this.#phase.kind === 'live') this.#phase.channel.close();
    this.#store.dispose();
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
      const session =
        this.#session ?? (await terminals.create(sandboxId, { cols: size.columns, rows: size.rows }));
      if (this.#phase.kind === 'over') return await terminals.delete(sandboxId, session.id);
      this.#session = session;
      onSession();
      this.#start(await terminals.connect(sandboxId, session.id, { signal }));
      if (this.#options.session || this.#size !== size) this.#sizes.run(this.#size ?? size);
    } catch (thrown) {
      if (!signal.aborted) await this.#giveUp(ProviderError.from(thrown));
    }
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
    this.#phase = { kind: 'live', channel };
    this.#store.add(channel.onData((bytes) => this.#write.fire(this.#decoder.decode(bytes))));
    this.#store.add(channel.onLost(() => (this.#phase = { kind: 'lost', told: false })));
    this.#store.add(channel.onEnd((end) => this.#finish(end)));
    channel.resume();
    for (const data of typedAhead) this.handleInput(data);
  }

  #finish(end: ChannelEnd): void {
    this.#leave();
    if (end.kind === 'exited') return this.#closed.fire(end.exitCode);
    const rest = end.sessionLives ? ' Its session waits in the Sandbox Explorer, to be attached again.' : '';
    this.#say(`Disconnected: ${end.reason}.${rest}`);
  }

  #leave(): void {
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
