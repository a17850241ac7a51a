import type { Socket } from 'node:net';
import type { Connection } from 'ssh2';

/** How long a client may take to hear that it is over. */
const hearMs = 1000;

/** Ends a connection at once, with a word to the client. ssh2 alone would go on doing what one asks that ignores it. */
export function disconnect(client: Connection, socket: Socket): void {
  client.end();
  socket.pause();
  socket.destroySoon();
  setTimeout(() => socket.destroy(), hearMs).unref();
}
