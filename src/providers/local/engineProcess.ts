import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import type { Log } from '../../common/log.ts';
import { ProviderError } from '../../sandboxes/errors.ts';
import type { Endpoint } from '../../net/endpoint.ts';

/** What the engine prints first, whether it has just started or has found one that runs already. */
const greeting = v.object({ socketPath: v.string(), tokenFile: v.string() });

export interface EngineOptions {
  /** The engine's program, `engine.js`. */
  readonly program: string;
  readonly dataFolder: string;
  readonly log: Log;
  /** Told of the engine's token, which must never be written down. */
  readonly hide: (secret: string) => void;
}

/** Milliseconds until an engine that says nothing is given up. */
const patienceMs = 30_000;

/** What of the editor's environment an engine needs; everything else, secrets too, stays out of it. */
const inherited = ['PATH', 'HOME', 'USER', 'LANG', 'TMPDIR', 'XDG_RUNTIME_DIR'];

/**
 * Starts the engine of a data folder, or finds the one that runs already: the engine itself sees to it that there
 * is only one. It outlives the editor.
 * @throws ProviderError `unavailable` when there is no Linux here, or when it does not start.
 */
export async function startEngine(options: EngineOptions): Promise<Endpoint> {
  if (process.platform !== 'linux') {
    throw new ProviderError('unavailable', 'The Local account needs Linux.', {
      advice:
        'On Windows, install Sandbox Explorer in a WSL window, with "remote.extensionKind": ' +
        '{"sandbox-explorer.sandbox-explorer": ["workspace"]} in the settings.',
    });
  }
  const line = await firstLine(options);
  const { socketPath, tokenFile } = v.parse(greeting, JSON.parse(line));
  const token = (await readFile(tokenFile, 'utf8')).trim();
  options.hide(token);
  options.log.info(`The local engine of ${options.dataFolder} listens on ${socketPath}`);
  return { origin: 'http://engine', socketPath, headers: { authorization: `Bearer ${token}` } };
}

function firstLine({ program, dataFolder, log }: EngineOptions): Promise<string> {
  const engine = spawn(process.execPath, [program, '--data', dataFolder], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...pick(process.env, inherited), ELECTRON_RUN_AS_NODE: '1' },
    cwd: '/',
  });
  return new Promise((resolve, reject) => {
    let output = '';
    let complaint = '';
    const finish = (settle: () => void) => {
      clearTimeout(patience);
      engine.removeAllListeners('close');
      // What it may print later is nobody's business, and must not keep this process alive.
      engine.stdout.destroy();
      engine.stderr.destroy();
      engine.unref();
      settle();
    };
    const fail = (reason: string) => {
      log.error(`The local engine did not start: ${reason}`);
      // A stack trace is for the log.
      const [sentence = ''] = reason.replace(/^(\w*Error: )+/, '').split(/\n\s+at /);
      finish(() => reject(new ProviderError('unavailable', `The local engine did not start: ${sentence}`)));
    };
    const patience = setTimeout(() => {
      engine.kill('SIGKILL');
      fail('it does not answer.');
    }, patienceMs);
    engine.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const end = output.indexOf('\n');
      if (end >= 0) finish(() => resolve(output.slice(0, end)));
    });
    engine.stderr.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-2000)));
    engine.on('error', (error) => fail(error.message));
    engine.on('close', (code) => fail(complaint.trim() || `it ended with code ${code}.`));
  });
}

const pick = (env: NodeJS.ProcessEnv, names: readonly string[]): NodeJS.ProcessEnv =>
  Object.fromEntries(names.filter((name) => env[name] !== undefined).map((name) => [name, env[name]]));
