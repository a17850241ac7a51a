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
  /** Tells that the session is known, or is gone. */
  readonly onSession: (session: Session | undefined) => void;
}

type Size = Pick<vscode.TerminalDimensions, 'columns' | 'rows'>;

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
  /** What was typed before the connection stood. */
  readonly #typedAhead: string[] = [];
  #size: Size | undefined;
  #channel: PtyChannel | undefined;
  #session: Session | undefined;
  #ended = false;

  constructor(options: SandboxTerminalOptions) {
    this.#options = options;
    this.#session = options.session;
  }

  /** The session that this terminal shows; missing before it is made and after its shell is gone. */
  get session(): Session | undefined {
    return this.#session;
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
    if (this.#channel) this.#channel.write(this.#encoder.encode(data));
    else if (!this.#ended) this.#typedAhead.push(data);
  }

  /** Leaves the session: whether the user closed the tab, or the window goes away, is not known here. */
  close(): void {
    this.#opening.abort(new ProviderError('cancelled', 'The terminal was closed.'));
    this.#channel?.close();
    this.#channel = undefined;
    this.#store.dispose();
  }

  /** Ends the shell with its session; one that is still being made is ended as soon as it stands. */
  async kill(): Promise<void> {
    this.#ended = true;
    const { terminals, sandboxId, onSession } = this.#options;
    const session = this.#session;
    if (!session) return;
    this.#session = undefined;
    await terminals.delete(sandboxId, session.id);
    onSession(undefined);
  }

  async #connect(): Promise<void> {
    const { terminals, sandboxId, onSession } = this.#options;
    const { signal } = this.#opening;
    try {
      const size = this.#size ?? sizeBeforeShown;
      this.#session ??= await terminals.create(sandboxId, { cols: size.columns, rows: size.rows });
      if (this.#ended) return await this.kill();
      onSession(this.#session);
      const channel = await terminals.connect(sandboxId, this.#session.id, { signal });
      this.#start(channel);
      if (this.#options.session || this.#size !== size) this.#sizes.run(this.#size ?? size);
    } catch (thrown) {
      if (!signal.aborted) this.#say(`Cannot connect. ${explain(ProviderError.from(thrown))}`);
    }
  }

  #start(channel: PtyChannel): void {
    if (this.#opening.signal.aborted) return channel.close();
    this.#channel = channel;
    this.#store.add(channel.onData((bytes) => this.#write.fire(this.#decoder.decode(bytes))));
    this.#store.add(channel.onEnd((end) => this.#finish(end)));
    channel.resume();
    for (const data of this.#typedAhead.splice(0)) this.handleInput(data);
  }

  #finish(end: ChannelEnd): void {
    this.#channel = undefined;
    this.#ended = true;
    this.#session = undefined;
    this.#options.onSession(undefined);
    if (end.kind === 'exited') return this.#closed.fire(end.exitCode);
    this.#say(`Disconnected: ${end.reason}. The session can be attached again from the Sandbox Explorer.`);
  }

  async #tellSize({ columns, rows }: Size): Promise<void> {
    // A size that did not arrive is put right by the next one, and by the next connection.
    await this.#channel?.resize(columns, rows).catch(() => undefined);
  }

  #say(message: string): void {
    this.#write.fire(`\r\n\u001b[33m${plain(message)}\u001b[0m\r\n`);
  }
}
