import { quote } from '../../common/shell.ts';
import { withNote } from '../../providers/leap0/wire/cutOutput.ts';
import { limits } from '../../providers/leap0/wire/limits.ts';
import type { ExecuteRequest } from '../../providers/leap0/wire/requests.ts';
import { bootEnvironment, folderOf, runScript } from './bootScript.ts';
import type { Capture } from './capture.ts';
import type { Jail } from './jail.ts';
import { run } from './run.ts';

/** As of timeout(1). */
const timedOutCode = 124;
/** Bytes kept of each stream. */
const maxStreamBytes = 4 * 1024 * 1024;
/** Bytes of both together in `result`, which repeats them: it must leave room for them in the answer. */
const maxResultBytes = 1024 * 1024;
const drainMs = 100;
/** JSON around the two texts. */
const envelopeBytes = 1024;

/** Schema `ExecuteResponse` of leap0-openapi.yaml, and what is our own besides. */
export interface Execution {
  exit_code: number;
  stdout: string;
  stderr: string;
  /** What the oldest SDKs read, and nothing else: first the one, then the other. */
  result: string;
  /** Bytes that are left out at the end; missing where there are none. */
  stdout_cut?: number;
  stderr_cut?: number;
}

/**
 * Runs one command with `/bin/sh`, as Leap0 documents it, in the jail and waits for it. At the timeout everything it
 * started is killed and the exit code is 124; it is killed as well when `signal` is aborted, when nobody reads the answer.
 * @throws HttpError 409 when the jail ends before the command.
 */
export async function execute(
  jail: Jail,
  request: ExecuteRequest,
  context: { env: Record<string, string>; signal: AbortSignal },
): Promise<Execution> {
  const env = bootEnvironment({
    env: { ...context.env, ...request.envs },
    cwd: folderOf(request.cwd),
    exec: `/bin/sh -c ${quote(request.command)}`,
    cwdOptional: false,
  });
  const { code, timedOut, stdout, stderr } = await run(jail, {
    command: ['/bin/sh', '-c', runScript],
    env,
    maxBytes: maxStreamBytes,
    excess: 'dropped',
    timeoutMs: request.timeout * 1000,
    drainMs,
    signal: context.signal,
  });
  const note = timedOut ? `\n[timed out after ${request.timeout} s: the command was killed]\n` : '';
  return fit(timedOut ? timedOutCode : code, stdout, stderr, note);
}

/** Text grows when it becomes JSON, by as much as six times; cuts deeper until the answer is within the limit. */
function fit(exitCode: number, stdout: Capture, stderr: Capture, note: string): Execution {
  const [outBytes, errBytes] = [stdout.bytes(), stderr.bytes()];
  const bothBytes = Buffer.concat([outBytes, errBytes]);
  for (let limit = maxStreamBytes; ; limit = Math.floor(limit / 2)) {
    const [out, outCut] = textOf(outBytes, stdout.total, limit);
    const [err, errCut] = textOf(errBytes, stderr.total, limit);
    const [both] = textOf(bothBytes, stdout.total + stderr.total, Math.min(limit, maxResultBytes));
    const answer = {
      exit_code: exitCode,
      stdout: out,
      stderr: err + note,
      result: both + note,
      ...(outCut > 0 && { stdout_cut: outCut }),
      ...(errCut > 0 && { stderr_cut: errCut }),
    };
    if (Buffer.byteLength(JSON.stringify(answer)) + envelopeBytes <= limits.bodyBytes) return answer;
  }
}

/** At most `limit` bytes as text, and how many of `total` are missing. Bytes that are not UTF-8 become U+FFFD. */
function textOf(kept: Buffer, total: number, limit: number): [text: string, cut: number] {
  const bytes = kept.subarray(0, limit);
  const cut = total - bytes.length;
  return [withNote(bytes.toString('utf8'), cut), cut];
}
