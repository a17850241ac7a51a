import type { ServerChannel } from 'ssh2';
import { homeFolder } from '../jail/bootScript.ts';
import type { ShellHome } from '../pty/session.ts';
import { Shell } from '../pty/shell.ts';
import type { Running, Size } from './running.ts';

/** Above this much input that the program has not taken, the client is held up. */
const inputHighBytes = 1024 * 1024;

export interface Terminal {
  size: Size;
  /** What `TERM` becomes. */
  type: string;
}

/**
 * Runs something on a terminal of its own.
 * @param exec its shell words
 * @throws HttpError 400 when a process cannot be given so much, 409 while the sandbox does not run
 */
export function runOnTerminal(
  channel: ServerChannel,
  { jail, tools, environment }: ShellHome,
  exec: string,
  variables: Record<string, string>,
  { size, type }: Terminal,
): Running {
  const ended = Promise.withResolvers<number>();
  const env = { ...environment, ...variables, TERM: type };
  const shell = new Shell(
    jail,
    tools,
    { exec, cwd: homeFolder, env, ...size },
    {
      onOutput: (bytes) => {
        if (channel.writable && !channel.write(bytes)) shell.pause();
      },
      onInputDrained: () => channel.resume(),
      onExit: (code) => ended.resolve(code),
    },
  );
  channel.on('drain', () => shell.resume());
  channel.on('data', (bytes: Buffer) => {
    shell.write(bytes);
    if (shell.inputBacklog > inputHighBytes) channel.pause();
  });
  return {
    ended: ended.promise,
    resize: ({ cols, rows }) => shell.resize(cols, rows),
    signal: (name) => shell.signal(name),
    hangUp: () => {
      shell.hangUp();
      // What stays may still write, and must not be held up for nobody.
      shell.resume();
    },
  };
}
