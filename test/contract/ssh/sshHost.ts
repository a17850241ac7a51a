import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { once } from 'node:events';
import { sshFolderAt, type SshFolder } from '../../../src/ssh/folder.ts';
import { hostEntry } from '../../../src/ssh/hostEntry.ts';
import { readHost, writeHost, type HostRecord, type KeptAccess } from '../../../src/ssh/hostRecord.ts';
import { install } from '../../../src/ssh/installation.ts';
import { root } from '../../tools/paths.mts';

export interface Outcome {
  /** The exit code, or the signal that ended the client. */
  readonly code: number | NodeJS.Signals | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface StartOptions {
  readonly env?: Record<string, string>;
  /** More of OpenSSH's own options, before the host. */
  readonly options?: readonly string[];
}

/** The name of the host in its SSH config. */
export const host = 'sbx-box';

/**
 * A host of ours, as a window would set it up, and OpenSSH's real programs to use it. Its folder has a name that
 * careless quoting breaks; nothing in it is the user's own.
 */
export class SshHost {
  readonly root: string;
  readonly folder: SshFolder;
  readonly config: string;
  launcher = '';
  readonly #children = new Set<ChildProcess>();

  private constructor(name: string) {
    this.root = mkdtempSync(join(tmpdir(), `${name} `));
    this.folder = sshFolderAt(join(this.root, 'sandbox-explorer'));
    this.config = join(this.root, 'config');
  }

  static async make(
    record: Partial<HostRecord>,
    name = "an SSH folder, 'quoted' & ünï",
    engine = join(root, 'dist/engine.js'),
  ): Promise<SshHost> {
    const made = new SshHost(name);
    made.launcher = await install(made.folder, join(root, 'dist/ssh-proxy.js'), {
      runtime: process.execPath,
      engine,
    });
    await writeHost(made.folder, host, {
      account: { id: 'a', name: 'Cloud' },
      sandbox: { id: 's', name: 'box' },
      ...record,
    });
    writeFileSync(made.config, hostEntry(made.folder, made.launcher, host), { mode: 0o600 });
    return made;
  }

  get access(): KeptAccess | undefined {
    return readHost(this.folder, host).access;
  }

  async setAccess(change: Partial<KeptAccess>): Promise<void> {
    const record = readHost(this.folder, host);
    if (!record.access) throw new Error('There is no access to change');
    await writeHost(this.folder, host, { ...record, access: { ...record.access, ...change } });
  }

  async forgetAccess(): Promise<void> {
    const { access: _, ...record } = readHost(this.folder, host);
    await writeHost(this.folder, host, record);
  }

  /** Words with which any program can be told to use `ssh` with our config; rsync knows no escapes. */
  get sshCommand(): string {
    return `ssh -F "${this.config}"`;
  }

  /** The arguments of `ssh`, `scp` or `sftp`, without the last ones. */
  args(options: readonly string[] = []): string[] {
    return ['-F', this.config, ...options];
  }

  start(program: string, args: readonly string[], env: Record<string, string> = {}): ChildProcess {
    const child = spawn(program, args, {
      env: {
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        HOME: this.root,
        LANG: 'C.UTF-8',
        SHELL: '/bin/sh',
        ...env,
      },
      stdio: 'pipe',
      cwd: this.root,
    });
    this.#children.add(child);
    child.once('close', () => this.#children.delete(child));
    return child;
  }

  /** Starts `ssh HOST COMMAND`. */
  startSsh(command: string | undefined, { env, options }: StartOptions = {}): ChildProcess {
    return this.start('ssh', [...this.args(options), host, ...(command === undefined ? [] : [command])], env);
  }

  run(
    program: string,
    args: readonly string[],
    env: Record<string, string> = {},
    input: string | Buffer = '',
  ): Promise<Outcome> {
    return outcomeOf(this.start(program, args, env), input);
  }

  ssh(
    command: string | undefined,
    input: string | Buffer = '',
    options: StartOptions = {},
  ): Promise<Outcome> {
    return outcomeOf(this.startSsh(command, options), input);
  }

  /** The processes of our ssh-proxy, by their ids. */
  proxies(): number[] {
    return processIds().filter((pid) => commandLine(pid).includes(`${this.launcher}.js`));
  }

  /** What runs of all that was started here: the command line of each. */
  processes(): string[] {
    return processIds().flatMap((pid) =>
      workingFolder(pid) === this.root ? commandLine(pid).join(' ') : [],
    );
  }

  dispose(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Everything that a program says until it ends. */
export async function outcomeOf(child: ChildProcess, input: string | Buffer = ''): Promise<Outcome> {
  const { stdin, stdout, stderr } = child;
  if (!stdin || !stdout || !stderr) throw new Error('A program was started without pipes');
  stdin.on('error', () => undefined);
  stdin.end(input);
  const texts = Promise.all([buffer(stdout), buffer(stderr)]);
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  const [out, err] = await texts;
  return { code: code ?? signal, stdout: out, stderr: err.toString() };
}

const processIds = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

function workingFolder(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
