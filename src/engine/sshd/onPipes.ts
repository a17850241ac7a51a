import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import type { ServerChannel } from 'ssh2';
import { bootEnvironment, homeFolder, runScript } from '../jail/bootScript.ts';
import { hangUp, signalGroup } from '../jail/hangUp.ts';
import { startIn } from '../jail/startIn.ts';
import type { ShellHome } from '../pty/session.ts';
import { Outflow } from './outflow.ts';
import type { Running } from './running.ts';

/**
 * Runs something without a terminal.
 * @param exec its shell words
 * @throws HttpError 400 when a process cannot be given so much, 409 while the sandbox does not run
 */
export function runOnPipes(
  channel: ServerChannel,
  { jail, environment }: ShellHome,
  exec: string,
  variables: Record<string, string>,
): Running {
  const env = bootEnvironment({
    env: { ...environment, ...variables },
    cwd: homeFolder,
    exec,
    cwdOptional: true,
  });
  const child = startIn(jail, ['/bin/sh', '-c', runScript], env, ['pipe', 'pipe', 'pipe']);
  const { stdin, stdout, stderr } = child as ChildProcessWithoutNullStreams;
  // It may end, or close its input, before it has read everything; what is left is thrown away.
  stdin.on('error', () => undefined).on('close', () => channel.resume());
  channel.pipe(stdin);
  const exit = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const outflow = new Outflow(channel);
  const started = { pid: child.pid ?? 0, onTerminal: false };
  const isAlive = () => child.exitCode === null && child.signalCode === null;
  return {
    ended: Promise.all([exit, outflow.stdout(stdout), outflow.stderr(stderr)]).then(
      ([[code, signal]]) => code ?? signal ?? 0,
    ),
    resize: () => undefined,
    signal: (name) => isAlive() && signalGroup(started, name),
    hangUp: () => {
      if (isAlive()) hangUp(started);
      for (const stream of [stdin, stdout, stderr]) stream.destroy();
    },
  };
}
