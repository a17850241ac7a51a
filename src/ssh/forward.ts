import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { parse } from 'node:path';
import { createInterface } from 'node:readline';
import type { Log } from '../common/log.ts';
import { plain } from '../common/text.ts';
import { ProviderError } from '../sandboxes/errors.ts';
import type { PortForward } from '../sandboxes/forwards.ts';
import { whyNotStarted } from './config/ssh.ts';
import { windowVariable } from './proxy/window.ts';

export interface ForwardOptions {
  /** The SSH config that leads to the host: an absolute path. */
  readonly config: string;
  readonly host: string;
  /** The port in the sandbox, 1 to 65535. */
  readonly port: number;
  /** Ends the attempt; not what has come of it. */
  readonly signal?: AbortSignal | undefined;
  /** Is told what `ssh` complains of. */
  readonly log: Log;
}

/** Below it a port is for the system's own services, and often for the administrator alone. */
const lowestPort = 1024;
/** Another program may take a port between our look at it and its use by `ssh`. */
const maxTries = 5;

/**
 * Has `ssh` forward a port of a host to `localhost`: to the same one where it is free, else to any. It waits for the
 * host as long as the host's entry does.
 * @throws ProviderError `network` with the words of `ssh` or of ssh-proxy, `unavailable` when there is no `ssh` here,
 * `cancelled`
 */
export async function forwardPort(options: ForwardOptions): Promise<PortForward> {
  for (let tries = 1; ; tries++) {
    const localPort = (tries === 1 && (await probe(options.port))) || (await anyPort());
    const forward = await new Forwarding(options, localPort).established();
    if (forward) return forward;
    if (tries === maxTries) throw new ProviderError('conflict', 'No free port was found on this machine.');
  }
}

/** @returns the port, if programs can be served there */
async function probe(port: number): Promise<number | undefined> {
  if (port < lowestPort) return undefined;
  // A browser takes `localhost` for either, so whoever is at the other one would get its requests.
  const outcomes = await Promise.all([occupy('127.0.0.1', port), occupy('::1', port)]);
  return outcomes.includes('taken') || outcomes[0] === 'missing' ? undefined : port;
}

async function anyPort(): Promise<number> {
  const port = await occupy('127.0.0.1', 0);
  if (typeof port === 'number') return port;
  throw new ProviderError('unavailable', 'This machine has no free port.');
}

/** Listens for a moment. `missing`: there is no such address here, or it may not be used. */
async function occupy(host: string, port: number): Promise<number | 'taken' | 'missing'> {
  const server = createServer();
  try {
    await once(server.listen({ host, port, exclusive: true }), 'listening');
    const address = server.address();
    return typeof address === 'object' && address ? address.port : 'missing';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? 'taken' : 'missing';
  } finally {
    server.close();
  }
}

/** `ssh -v` says it when all that is forwarded is listened for. */
const established = 'debug1: Entering interactive session.';
const taken = 'Could not request local forwarding.';
/** What `ssh -v` says although nothing is wrong. */
const chatter = /^(debug\d: |OpenSSH_|Authenticated to |Transferred: |Bytes per second: )/;
/** Lines that are kept of what `ssh` says. */
const maxComplaints = 20;

/** One `ssh` that forwards a port. */
class Forwarding implements PortForward {
  readonly port: number;
  readonly localPort: number;
  readonly ended: Promise<string>;
  readonly #options: ForwardOptions;
  readonly #ssh: ChildProcess;
  readonly #established = Promise.withResolvers<void>();
  readonly #complaints: string[] = [];

  constructor(options: ForwardOptions, localPort: number) {
    this.port = options.port;
    this.localPort = localPort;
    this.#options = options;
    this.#ssh = spawn('ssh', this.#args(), {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, [windowVariable]: String(process.pid) },
      // Windows looks for a program in the working folder first, which may be anybody's.
      cwd: parse(process.execPath).root,
      windowsHide: true,
    });
    if (this.#ssh.stderr) createInterface(this.#ssh.stderr).on('line', (line) => this.#hear(plain(line)));
    this.ended = new Promise((resolve) => {
      this.#ssh.once('error', (error) => resolve(whyNotStarted(error)));
      this.#ssh.once('close', () => resolve(this.#reason()));
    });
  }

  /** @returns nothing when another program has the local port */
  async established(): Promise<this | undefined> {
    const { signal } = this.#options;
    const aborted = Promise.withResolvers<void>();
    const abort = () => {
      this.dispose();
      // Its end may take as long as a renewal, which ssh-proxy does not leave half done.
      aborted.resolve();
    };
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    const ended = this.ended.then((reason) => ({ reason }));
    const end = await Promise.race([this.#established.promise, ended, aborted.promise]);
    signal?.removeEventListener('abort', abort);
    if (signal?.aborted) throw ProviderError.from(signal.reason);
    if (!end) return this;
    if (this.#complaints.includes(taken)) return undefined;
    throw this.#ssh.pid === undefined ? noSsh(end.reason) : new ProviderError('network', end.reason);
  }

  dispose(): void {
    // It takes ssh-proxy with it.
    this.#ssh.kill();
  }

  /** Only our own config is read: nothing that a user wants of `ssh` otherwise is wanted here. */
  #args(): string[] {
    const { config, host, port } = this.#options;
    const options = ['BatchMode=yes', 'ExitOnForwardFailure=yes'].flatMap((option) => ['-o', option]);
    const forward = `127.0.0.1:${this.localPort}:localhost:${port}`;
    return ['-F', config, '-N', '-v', ...options, '-L', forward, '--', host];
  }

  #hear(line: string): void {
    if (line === established) this.#established.resolve();
    if (line === '' || chatter.test(line)) return;
    this.#complaints.push(line);
    this.#options.log.info(`ssh to ${this.#options.host}, port ${this.port}: ${line}`);
    if (this.#complaints.length > maxComplaints) this.#complaints.shift();
  }

  /** What ssh-proxy says is meant for people; what `ssh` adds to it tells them nothing. */
  #reason(): string {
    const prefix = `Sandbox Explorer, ${this.#options.host}: `;
    const ours = this.#complaints.findLast((line) => line.startsWith(prefix));
    return ours?.slice(prefix.length) ?? (this.#complaints.slice(-2).join('; ') || 'ssh does not say why');
  }
}

const noSsh = (reason: string): ProviderError =>
  new ProviderError('unavailable', reason, {
    advice: 'Install OpenSSH, and see to it that ssh is on the PATH of the editor.',
  });
