import { once } from 'node:events';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { conflict } from '../http/httpError.ts';
import { Capture } from './capture.ts';
import type { Jail } from './jail.ts';
import { hangUpTree } from './killTree.ts';
import { startIn } from './startIn.ts';

const signalCodeBase = 128;

export interface RunSpec {
  /** The program and its arguments, as the jail sees them. */
  command: string[];
  env: Record<string, string>;
  /** Its standard input; nothing by default. */
  input?: Buffer;
  /** Bytes kept of each stream. */
  maxBytes: number;
  /** What to do with more: to read on and forget it, or to kill the command. */
  excess: 'dropped' | 'killed';
  /** Milliseconds after which everything it started is killed; those in which the jail is frozen do not count. */
  timeoutMs: number;
  /** How long output may trickle in after the command has ended; its children may keep the pipes open for ever. */
  drainMs: number;
  /** Aborted when nobody waits any more: then everything it started is killed. */
  signal: AbortSignal;
}

export interface Outcome {
  /** Its exit code; 128 and the signal's number when it was killed. */
  code: number;
  timedOut: boolean;
  /** Whether both streams have ended; a process that has got hold of one may keep it open. */
  complete: boolean;
  stdout: Capture;
  stderr: Capture;
}

/**
 * Runs one command in the jail and waits for it.
 * @throws HttpError 409 when the jail ends before the command.
 */
export async function run(jail: Jail, spec: RunSpec): Promise<Outcome> {
  if (spec.signal.aborted) throw conflict('The command was cancelled before it began.');
  const child = startIn(jail, spec.command, spec.env, [spec.input ? 'pipe' : 'ignore', 'pipe', 'pipe']);
  const { pid } = child;
  const killAll = () => void (pid !== undefined && hangUpTree(pid));
  const onOverflow = spec.excess === 'killed' ? killAll : undefined;
  const stdout = new Capture(child.stdio[1] as Readable, spec.maxBytes, onOverflow);
  const stderr = new Capture(child.stdio[2] as Readable, spec.maxBytes, onOverflow);
  let timedOut = false;
  const timer = jail.after(spec.timeoutMs, () => {
    timedOut = true;
    killAll();
  });
  spec.signal.addEventListener('abort', killAll, { once: true });
  if (spec.input) feed(child.stdio[0] as Writable, spec.input);
  try {
    const [exitCode, killedBy] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    const ended = Promise.all([stdout.ended, stderr.ended]).then(() => true);
    const complete = await Promise.race([
      ended,
      jail.ended.then(() => false),
      delay(spec.drainMs, false, { ref: false }),
    ]);
    if (jail.hasEnded && !timedOut) throw conflict('The sandbox ended while the command was running.');
    const code = exitCode ?? signalCodeBase + signalNumber(killedBy);
    return { code, timedOut, complete, stdout, stderr };
  } finally {
    timer.dispose();
    spec.signal.removeEventListener('abort', killAll);
    stdout.close();
    stderr.close();
  }
}

/** A command may end, or close its input, before it has read all of it. */
function feed(stdin: Writable, input: Buffer): void {
  stdin.on('error', () => undefined);
  stdin.end(input);
}

const signalNumber = (name: NodeJS.Signals | null) => (name === null ? 0 : constants.signals[name]);
