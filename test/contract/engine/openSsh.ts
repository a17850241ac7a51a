import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { spawn as spawnOnTerminal, type IPty } from 'node-pty';
import type { Client } from './client.ts';

/** What the engine answers, and a client needs of it. */
export interface Access {
  id: string;
  password: string;
  ssh_command: string;
}

export interface Outcome {
  /** The exit code, or the signal that ended the client. */
  code: number | NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

interface Killable {
  kill(signal: 'SIGKILL'): unknown;
}

export interface RunOptions {
  /** More words for ssh, before the host. */
  args?: string[];
  input?: string | Buffer;
  env?: Record<string, string>;
}

/** Makes an access, and clients that use it. */
export async function openSsh(client: Client, sandbox: string): Promise<OpenSsh> {
  const { status, body } = await client.call('POST', `${sandbox}/ssh/access`);
  if (status !== 201) throw new Error(`access: ${status} ${JSON.stringify(body)}`);
  return new OpenSsh(body);
}

export const portOf = ({ ssh_command }: Access) => Number(/ -p (\d+)$/.exec(ssh_command)?.[1]);

/** OpenSSH's own programs, with a folder of their own: nothing of the person's who runs the tests plays a part. */
export class OpenSsh {
  readonly folder = mkdtempSync(join(tmpdir(), 'openssh-'));
  readonly #children = new Set<Killable>();
  access: Access;

  constructor(access: Access) {
    this.access = access;
    const askpass = join(this.folder, 'askpass');
    writeFileSync(askpass, '#!/bin/sh\nprintf "%s\\n" "$TEST_PASSWORD"\n');
    chmodSync(askpass, 0o700);
    this.use(access);
  }

  /** From now on with other credentials, and the host key that is known. */
  use(access: Access): void {
    this.access = access;
    const settings = {
      HostName: '127.0.0.1',
      Port: portOf(access),
      User: access.id,
      HostKeyAlias: 'sandbox',
      UserKnownHostsFile: join(this.folder, 'known_hosts'),
      GlobalKnownHostsFile: '/dev/null',
      StrictHostKeyChecking: 'accept-new',
      NumberOfPasswordPrompts: 1,
      LogLevel: 'ERROR',
    };
    const lines = Object.entries(settings).map(([name, value]) => `  ${name} ${value}\n`);
    writeFileSync(join(this.folder, 'config'), `Host sandbox\n${lines.join('')}`, { mode: 0o600 });
  }

  /** Starts one of the programs, which knows the sandbox by that name. */
  start(program: string, args: string[], env: Record<string, string> = {}): ChildProcess {
    const child = spawn(program, this.#words(program, args), { env: this.#environment(env), stdio: 'pipe' });
    this.#keep(child, (ended) => child.once('exit', ended));
    return child;
  }

  /** Starts ssh on a terminal. */
  terminal(args: string[], size: { cols: number; rows: number }): Typist {
    const pty = spawnOnTerminal('ssh', this.#words('ssh', args), { env: this.#environment({}), ...size });
    this.#keep(pty, (ended) => pty.onExit(ended));
    return new Typist(pty);
  }

  async run(program: string, args: string[], { input = '', env }: RunOptions = {}): Promise<Outcome> {
    return finish(this.start(program, args, env), input);
  }

  /** Runs a command in the sandbox. */
  async ssh(command: string, options: RunOptions = {}): Promise<Outcome> {
    return this.run('ssh', [...(options.args ?? []), 'sandbox', command], options);
  }

  /** A session that stays until it is ended. */
  async stay(): Promise<{ pid: number; isOpen(): boolean; ended: Promise<unknown[]> }> {
    const child = this.start('ssh', ['sandbox', 'echo in; exec sleep 600']);
    await once(child.stdout ?? child, 'data');
    return {
      pid: child.pid ?? 0,
      isOpen: () => child.exitCode === null && child.signalCode === null,
      ended: once(child, 'exit'),
    };
  }

  dispose(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  #words(program: string, args: string[]): string[] {
    return ['ssh', 'scp', 'sftp'].includes(program) ? ['-F', join(this.folder, 'config'), ...args] : args;
  }

  #environment(more: Record<string, string>): Record<string, string> {
    const ssh = `ssh -F ${join(this.folder, 'config')}`;
    return {
      PATH: '/usr/bin:/bin',
      TERM: 'xterm',
      HOME: this.folder,
      RSYNC_RSH: ssh,
      GIT_SSH_COMMAND: ssh,
      SSH_ASKPASS: join(this.folder, 'askpass'),
      SSH_ASKPASS_REQUIRE: 'force',
      TEST_PASSWORD: this.access.password,
      ...more,
    };
  }

  #keep(child: Killable, onEnded: (ended: () => void) => void): void {
    this.#children.add(child);
    onEnded(() => this.#children.delete(child));
  }
}

/** The clients of a file's tests. */
export class SshClients {
  readonly #clients: OpenSsh[] = [];

  /** A sandbox with an access, and a client that uses it. */
  async make(client: Client): Promise<{ sandbox: string; ssh: OpenSsh }> {
    const sandbox = await client.create();
    return { sandbox, ssh: this.keep(await openSsh(client, sandbox)) };
  }

  /** Has one closed with the others. */
  keep(ssh: OpenSsh): OpenSsh {
    this.#clients.push(ssh);
    return ssh;
  }

  dispose(): void {
    for (const ssh of this.#clients) ssh.dispose();
  }
}

/** Somebody who types into ssh and reads what it shows. */
export class Typist {
  readonly pid: number;
  readonly code: Promise<number>;
  readonly #pty: IPty;
  #text = '';

  constructor(pty: IPty) {
    this.#pty = pty;
    this.pid = pty.pid;
    pty.onData((text) => (this.#text += text));
    this.code = new Promise((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode)));
  }

  get text(): string {
    return this.#text;
  }

  clear(): void {
    this.#text = '';
  }

  type(text: string): void {
    this.#pty.write(text);
  }

  resize(cols: number, rows: number): void {
    this.#pty.resize(cols, rows);
  }
}

/** Everything that a program says until it ends. */
export async function finish(child: ChildProcess, input: string | Buffer = ''): Promise<Outcome> {
  const { stdin, stdout, stderr } = child;
  if (!stdin || !stdout || !stderr) throw new Error('A client was started without pipes');
  stdin.on('error', () => undefined);
  stdin.end(input);
  const texts = Promise.all([buffer(stdout), buffer(stderr)]);
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  const [out, err] = await texts;
  return { code: code ?? signal, stdout: out.toString(), stderr: err.toString() };
}
