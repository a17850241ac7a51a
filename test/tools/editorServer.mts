import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { codeServerEntry } from './codeServer.mts';
import { endGroup, spawnGroup } from './processGroup.mts';
import type { Profile } from './profile.mts';

export interface EditorServer {
  /** As in `127.0.0.1:40123`; it is also the authority of the window's remote. */
  origin: string;
  stop(): Promise<void>;
}

interface Options {
  /** Accepts a development extension and extension tests, and refuses every modal dialog. */
  testDriver?: boolean;
  env?: NodeJS.ProcessEnv;
}

const patience = 30_000;

/** Starts a VS Code server on a free port; it is ready when this returns. */
export async function startEditor(
  profile: Profile,
  { testDriver, env }: Options = {},
): Promise<EditorServer> {
  const args = [codeServerEntry, ...serverArgs(profile)];
  if (testDriver) args.push('--vscode-option', 'enable-smoke-test-driver');
  const child = spawnGroup(process.execPath, args, { ...ownEnvironment(), ...env });
  const { pid } = child;
  if (pid === undefined) throw new Error('VS Code could not be started');
  const stop = () => endGroup(pid);
  try {
    return { origin: await listeningOrigin(child), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Waits until the server answers at the address that it says it listens at. */
async function listeningOrigin(child: ChildProcess): Promise<string> {
  let output = '';
  const read = (chunk: Buffer) => {
    output += chunk.toString();
  };
  child.stdout?.on('data', read);
  child.stderr?.on('data', read);
  const deadline = performance.now() + patience;
  while (child.exitCode === null && performance.now() < deadline) {
    const origin = /listening on http:\/\/(127\.0\.0\.1:\d+)/.exec(output)?.[1];
    if (origin && (await isHealthy(origin))) return origin;
    await delay(50);
  }
  throw new Error(`VS Code did not start:\n${output}`);
}

function serverArgs(profile: Profile): string[] {
  const paths = {
    '--config': join(profile.home, 'code-server.yaml'),
    '--user-data-dir': profile.user,
    '--extensions-dir': profile.extensions,
  };
  const switches = ['telemetry', 'update-check', 'workspace-trust', 'getting-started-override'];
  return [
    '--auth=none',
    '--bind-addr=127.0.0.1:0',
    '--ignore-last-opened',
    ...switches.map((name) => `--disable-${name}`),
    ...Object.entries(paths).flat(),
  ];
}

/** Our environment without what would make the server listen to a VS Code that we may be running in. */
export function ownEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(VSCODE_|CODE_SERVER_|PORT$|PASSWORD$|HASHED_PASSWORD$|ELECTRON_RUN_AS_NODE$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

async function isHealthy(origin: string): Promise<boolean> {
  return await fetch(`http://${origin}/healthz`).then(
    ({ ok }) => ok,
    () => false,
  );
}
