import { keepAlive, limitPacketSize, message, readGlobalRequest } from './messages.ts';
import type { Transport } from './transport.ts';

/** Milliseconds of silence after which the server is asked whether it is there, and after which it is given up. */
export interface Patience {
  readonly askAfterMs: number;
  readonly giveUpAfterMs: number;
}

const defaultPatience: Patience = { askAfterMs: 15_000, giveUpAfterMs: 45_000 };

/** The server would show its host keys, for the client to remember: but the client's host key is ours. */
const hostKeysOfServer = 'hostkeys-00@openssh.com';

/**
 * Joins the local client with the server, for good: the messages of the connection protocol pass as they are, so
 * channels, their windows, and the order of everything are between those two. What one of them does not take off is
 * not read from the other one. Each transport's `ended` tells when it is over.
 */
export function relay(local: Transport, server: Transport, patience: Patience = defaultPatience): void {
  /** Whose each of the global requests is that the server has not answered yet: it answers them in order. */
  const unanswered: ('ours' | 'theirs')[] = [];
  local.listen(
    (payload) => {
      if (payload[0] === message.globalRequest && readGlobalRequest(payload).wantsReply) {
        unanswered.push('theirs');
      }
      pass(local, server, payload);
    },
    () => server.resume(),
  );
  server.listen(
    (payload) => {
      if (isReply(payload) && unanswered.shift() === 'ours') return;
      if (payload[0] === message.globalRequest && readGlobalRequest(payload).name === hostKeysOfServer)
        return;
      pass(server, local, payload);
    },
    () => local.resume(),
  );
  watch(server, patience, () => {
    unanswered.push('ours');
    server.send(keepAlive);
  });
}

function pass(from: Transport, to: Transport, payload: Uint8Array): void {
  if (payload[0] === message.channelOpen || payload[0] === message.channelOpenConfirmation) {
    limitPacketSize(payload);
  }
  to.send(payload);
  if (to.isCongested) from.pause();
}

const isReply = ([type]: Uint8Array): boolean =>
  type === message.requestSuccess || type === message.requestFailure;

/** Gives up a server from which nothing comes, not even room for what waits to be sent to it. */
function watch(server: Transport, { askAfterMs, giveUpAfterMs }: Patience, ask: () => void): void {
  let backlog = 0;
  let flushed = 0;
  let lastProgress = 0;
  const timer = setInterval(() => {
    // Without a backlog, what has left this process may have got no further than the system's own buffers.
    const takesMore = backlog > 0 && server.bytesFlushed > flushed;
    // A client that was stopped, as by Ctrl+Z, takes nothing, and then nobody listens to the server.
    if (takesMore || server.isPaused) lastProgress = performance.now();
    ({ backlog, bytesFlushed: flushed } = server);
    const silence = performance.now() - Math.max(server.lastHeard, lastProgress);
    if (silence >= giveUpAfterMs) server.fail(new Silence());
    else if (silence >= askAfterMs) ask();
  }, askAfterMs);
  void server.ended.then(() => clearInterval(timer));
}

/** The server does not answer any more. */
export class Silence extends Error {}
