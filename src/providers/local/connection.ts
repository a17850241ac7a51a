import { connect } from 'node:net';
import { untilAborted } from '../../common/abort.ts';
import { ProviderError } from '../../sandboxes/errors.ts';
import type { Endpoint, FindEndpoint } from '../../net/endpoint.ts';
import { startEngine, type EngineOptions } from './engineProcess.ts';

/**
 * Finds the engine for every call: an engine that has left after a long idle time, or was ended, is started again
 * before anything is sent to it. Several calls at once start it once.
 */
export function engineEndpoint(options: EngineOptions): FindEndpoint {
  let known: Endpoint | undefined;
  let starting: Promise<Endpoint> | undefined;

  return async (signal) => {
    if (known?.socketPath && (await answers(known.socketPath))) return known;
    starting ??= startEngine(options).finally(() => (starting = undefined));
    return (known = await (signal ? waitFor(starting, signal) : starting));
  };
}

/** Whoever gives up waiting leaves alone: the engine goes on starting for the others. */
function waitFor<T>(task: Promise<T>, signal: AbortSignal): Promise<T> {
  return untilAborted(task, signal).catch((thrown: unknown) => {
    throw signal.aborted ? new ProviderError('cancelled', 'Cancelled.', { cause: thrown }) : thrown;
  });
}

/** A connection to a Unix socket takes some 50 microseconds, and a dead engine's refuses it at once. */
function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
