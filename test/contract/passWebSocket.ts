import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';

/** Hands a WebSocket on to an engine as it is; either side ends the other. */
export function passWebSocket(
  socketPath: string,
  { method, url, rawHeaders }: Pick<IncomingMessage, 'method' | 'url' | 'rawHeaders'>,
  socket: Duplex,
  head: Buffer,
): void {
  const engine = connect(socketPath);
  const lines = Array.from({ length: rawHeaders.length / 2 }, (_, index) =>
    rawHeaders.slice(index * 2, index * 2 + 2).join(': '),
  );
  engine.write([`${method} ${url} HTTP/1.1`, ...lines, '', ''].join('\r\n'));
  engine.write(head);
  socket.on('error', () => engine.destroy()).on('close', () => engine.destroy());
  engine.on('error', () => socket.destroy()).on('close', () => socket.destroy());
  engine.pipe(socket).pipe(engine);
}
