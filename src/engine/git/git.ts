import { quote } from '../../common/shell.ts';
import { withNote } from '../../providers/leap0/wire/cutOutput.ts';
import { bootEnvironment, runScript } from '../jail/bootScript.ts';
import type { Jail } from '../jail/jail.ts';
import { run } from '../jail/run.ts';

/** Schema `GitResult` of leap0-openapi.yaml. What both streams had, in its order. */
export interface GitResult {
  output: string;
  exit_code: number;
}

export interface GitCommand {
  /** The folder to run in; the repository. */
  folder: string;
  /** Commands of git, each of which runs if those before it have succeeded. */
  steps: string[][];
  /** Variables besides those of the sandbox. */
  env?: Record<string, string>;
}

export interface Credentials {
  username?: string | null | undefined;
  password?: string | null | undefined;
}

export type Git = (command: GitCommand) => Promise<GitResult>;

/** Milliseconds; a clone may be large. */
const timeoutMs = 600_000;
const drainMs = 5000;
const maxOutputBytes = 1024 * 1024;

/** Git has no terminal here on which it could ask or page. */
const alwaysSet = { GIT_TERMINAL_PROMPT: '0', GIT_PAGER: 'cat', GIT_EDITOR: 'true' };

/** Hands out what is in two variables: other users of the host can read arguments. */
const helper = '!f() { echo "username=$LEAP0_GIT_USERNAME"; echo "password=$LEAP0_GIT_PASSWORD"; }; f';

/** The options and variables by which git logs in; the repository keeps nothing of them. */
export function logIn({ username, password }: Credentials): {
  options: string[];
  env: Record<string, string>;
} {
  if (!username && !password) return { options: [], env: {} };
  return {
    options: ['-c', `credential.helper=${helper}`],
    env: { LEAP0_GIT_USERNAME: username ?? '', LEAP0_GIT_PASSWORD: password ?? '' },
  };
}

/** Runs git in a sandbox, with the sandbox's own git, variables and configuration. */
export function gitIn(jail: Jail, environment: Record<string, string>, signal: AbortSignal): Git {
  return async ({ folder, steps, env = {} }) => {
    const script = steps.map((words) => ['git', ...words.map(quote)].join(' ')).join(' && ');
    const { code, timedOut, stdout } = await run(jail, {
      command: ['/bin/sh', '-c', runScript],
      env: bootEnvironment({
        env: { ...alwaysSet, ...environment, ...env },
        cwd: '/',
        exec: `/bin/sh -c ${quote(`exec 2>&1; cd -- ${quote(folder)} && ${script}`)}`,
        cwdOptional: false,
      }),
      maxBytes: maxOutputBytes,
      excess: 'dropped',
      timeoutMs,
      drainMs,
      signal,
    });
    const bytes = stdout.bytes();
    const output = withNote(bytes.toString('utf8'), stdout.total - bytes.length);
    const note = timedOut ? `\n[timed out after ${timeoutMs / 1000} s: git was killed]\n` : '';
    return { output: output + note, exit_code: code };
  };
}
