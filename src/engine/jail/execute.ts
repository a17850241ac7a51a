import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { limits } from '../../providers/leap0/wire/limits.ts';
import type { ExecuteRequest } from '../../providers/leap0/wire/requests.ts';
import { conflict } from '../http/httpError.ts';
import { bootEnvironment, quote, runScript, type BootSpec } from './bootScript.ts';
import { sealed } from './descriptors.ts';
import type { Jail } from './jail.ts';
import { killTree } from './killTree.ts';

/** As of timeout(1). */
const timedOutCode = 124;
const signalCodeBase = 128;
/** Bytes kept of each stream. */
const maxStreamBytes = 4 * 1024 * 1024;
/** How long output may trickle in after the command has ended; its children may keep the pipes open for ever. */
const drainMs = 100;
/** JSON around the two texts. */
const envelopeBytes = 1024;

/** Schema `ExecuteResponse` of leap0-openapi.yaml. */
export interface Execution {
  exit_code: number;
  stdout: string;
  stderr: string;
}

/**
 * Runs one command in the jail and waits for it. At the time-out everything it started is killed and the exit code is
 * 124; so it is when `signal` is aborted, when nobody reads the answer.
 * @throws HttpError 409 when the jail ends before the command.
 */
export async function execute(
  jail: Jail,
  shell: string,
  request: ExecuteRequest,
  context: { env: Record<string, string>; cwd: string; signal: AbortSignal },
): Promise<Execution> {
  const boot: BootSpec = {
    env: { ...context.env, ...request.envs },
    cwd: request.cwd ?? context.cwd,
    exec: `${shell} -c ${quote(request.command)}`,
    cwdOptional: false,
  };
  const env = bootEnvironment(boot);
  if (context.signal.aborted) throw conflict('The command was cancelled before it began.');
  const { file, args } = jail.join(['/bin/sh', '-c', runScript]);
  const child = spawn(file, args, {
    stdio: sealed(['ignore', 'pipe', 'pipe']),
    env,
    cwd: '/',
    detached: true,
  });
  const { pid } = child;
  const tracked = pid === undefined ? undefined : jail.track(pid);
  const killAll = () => void (pid !== undefined && killTree(pid));
  const stdout = new Capture(child.stdio[1] as Readable);
  const stderr = new Capture(child.stdio[2] as Readable);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    killAll();
  }, request.timeout * 1000);
  context.signal.addEventListener('abort', killAll, { once: true });
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', (exitCode, killedBy) => resolve(exitCode ?? signalCodeBase + signalNumber(killedBy)));
    });
    await Promise.race([Promise.all([stdout.ended, stderr.ended]), jail.ended, sleep(drainMs)]);
    if (jail.hasEnded && !timedOut) throw conflict('The sandbox ended while the command was running.');
    const note = timedOut ? `\n[timed out after ${request.timeout} s: the command was killed]\n` : '';
    return fit(timedOut ? timedOutCode : code, stdout, stderr, note);
  } finally {
    clearTimeout(timer);
    context.signal.removeEventListener('abort', killAll);
    tracked?.dispose();
    stdout.close();
    stderr.close();
  }
}

/** Keeps the beginning of a stream, and reads on so that its writer is never held up. */
class Capture {
  readonly ended: Promise<void>;
  readonly #stream: Readable;
  readonly #chunks: Buffer[] = [];
  #kept = 0;
  #total = 0;

  constructor(stream: Readable) {
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => {
      this.#total += chunk.length;
      const room = maxStreamBytes - this.#kept;
      if (room <= 0) return;
      this.#chunks.push(chunk.subarray(0, room));
      this.#kept += Math.min(room, chunk.length);
    });
    this.ended = new Promise((resolve) => stream.on('close', resolve));
  }

  close(): void {
    this.#stream.destroy();
  }

  /** At most `limit` bytes of it as text, with a note when there was more. Bytes that are not UTF-8 become U+FFFD. */
  text(limit: number): string {
    const bytes = Buffer.concat(this.#chunks).subarray(0, limit);
    if (bytes.length === this.#total) return bytes.toString('utf8');
    return `${bytes.toString('utf8')}\n[cut here: ${this.#total - bytes.length} more bytes]\n`;
  }
}

/** Text grows when it becomes JSON, by as much as six times; cuts deeper until the answer is within the limit. */
function fit(exitCode: number, stdout: Capture, stderr: Capture, note: string): Execution {
  for (let limit = maxStreamBytes; ; limit = Math.floor(limit / 2)) {
    const answer = { exit_code: exitCode, stdout: stdout.text(limit), stderr: stderr.text(limit) + note };
    if (Buffer.byteLength(JSON.stringify(answer)) + envelopeBytes <= limits.bodyBytes) return answer;
  }
}

const signalNumber = (name: NodeJS.Signals | null) => (name === null ? 0 : constants.signals[name]);

const sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
