import { quote } from '../../common/shell.ts';
import { withNote } from '../../providers/leap0/wire/cutOutput.ts';
import { limits } from '../../providers/leap0/wire/limits.ts';
import type { ExecuteRequest } from '../../providers/leap0/wire/requests.ts';
import { bootEnvironment, runScript } from './bootScript.ts';
import type { Capture } from './capture.ts';
import type { Jail } from './jail.ts';
import { run } from './run.ts';

/** As of timeout(1). */
const timedOutCode = 124;
/** Bytes kept of each stream. */
const maxStreamBytes = 4 * 1024 * 1024;
const drainMs = 100;
/** JSON around the two texts. */
const envelopeBytes = 1024;

/** Schema `ExecuteResponse` of leap0-openapi.yaml, and what is our own besides. */
export interface Execution {
  exit_code: number;
  stdout: string;
  stderr: string;
  /** Bytes that are left out at the end; missing where there are none. */
  stdout_cut?: number;
  stderr_cut?: number;
}

/**
 * Runs one command in the jail and waits for it. At the time-out everything it started is killed and the exit code is
 * 124; it is killed as well when `signal` is aborted, when nobody reads the answer.
 * @throws HttpError 409 when the jail ends before the command.
 */
export async function execute(
  jail: Jail,
  shell: string,
  request: ExecuteRequest,
  context: { env: Record<string, string>; cwd: string; signal: AbortSignal },
): Promise<Execution> {
  const env = bootEnvironment({
    env: { ...context.env, ...request.envs },
    cwd: request.cwd ?? context.cwd,
    exec: `${shell} -c ${quote(request.command)}`,
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
  for (let limit = maxStreamBytes; ; limit = Math.floor(limit / 2)) {
    const [out, outCut] = textOf(stdout, limit);
    const [err, errCut] = textOf(stderr, limit);
    const answer = {
      exit_code: exitCode,
      stdout: out,
      stderr: err + note,
      ...(outCut > 0 && { stdout_cut: outCut }),
      ...(errCut > 0 && { stderr_cut: errCut }),
    };
    if (Buffer.byteLength(JSON.stringify(answer)) + envelopeBytes <= limits.bodyBytes) return answer;
  }
}

/** At most `limit` bytes as text, and how many there were besides. Bytes that are not UTF-8 become U+FFFD. */
function textOf(stream: Capture, limit: number): [text: string, cut: number] {
  const bytes = stream.bytes().subarray(0, limit);
  const cut = stream.total - bytes.length;
  return [withNote(bytes.toString('utf8'), cut), cut];
}
