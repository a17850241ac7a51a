import { expect } from 'vitest';
import type { ChannelEnd, PtyChannel } from '../../src/terminals/channel.ts';

/** What a terminal would show, without one. */
export class Screen {
  readonly channel: PtyChannel;
  readonly end: Promise<ChannelEnd>;
  #text = '';

  private constructor(channel: PtyChannel) {
    this.channel = channel;
    channel.onData((bytes) => (this.#text += Buffer.from(bytes).toString()));
    this.end = new Promise((resolve) => channel.onEnd(resolve));
    channel.resume();
  }

  /** Waits for the shell's prompt: what is typed before it is echoed twice. */
  static async of(channel: PtyChannel): Promise<Screen> {
    const screen = new Screen(channel);
    await screen.shows('$ ');
    return screen;
  }

  type(text: string): void {
    this.channel.write(Buffer.from(text));
  }

  async shows(text: string): Promise<void> {
    await expect.poll(() => this.#text, { timeout: 20_000, interval: 20 }).toContain(text);
  }
}
