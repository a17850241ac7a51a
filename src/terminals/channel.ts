import type { Event } from '../common/event.ts';

/** How a channel ended: the shell is gone, or only the connection to it is. */
export type ChannelEnd =
  | { readonly kind: 'exited'; readonly exitCode: number | undefined }
  | {
      readonly kind: 'disconnected';
      readonly reason: string;
      /** Whether the shell waits for another connection. */
      readonly sessionLives: boolean;
    };

/** A duplex of raw terminal bytes to one session. */
export interface PtyChannel {
  readonly onData: Event<Uint8Array>;
  /** Fires as soon as the connection is gone; what that means for the shell is found out then. */
  readonly onLost: Event<void>;
  /** Fires once; nothing follows it. */
  readonly onEnd: Event<ChannelEnd>;
  /** Sends bytes in the order of the calls. Ignored after the end. */
  write(bytes: Uint8Array): void;
  /** Tells the far side the terminal's size, in cells. */
  resize(cols: number, rows: number): Promise<void>;
  /** Stops the source until `resume`: the sender is slowed down, nothing is dropped. */
  pause(): void;
  resume(): void;
  /** Leaves the session; its shell goes on. */
  close(): void;
}
