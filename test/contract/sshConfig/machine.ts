import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { buildSync } from 'esbuild';
import { homeEnvironment } from '../../tools/isolation.mts';
import { ordinaryUser } from '../../tools/ordinaryUser.mts';
import { root } from '../../tools/paths.mts';
import type { Answer, Deeds, Order } from './actor.ts';

type Rest<D extends keyof Deeds> = Omit<Parameters<Deeds[D]>[0], keyof Order> &
  Partial<Order> & { sandboxes?: readonly string[] };
type Result<D extends keyof Deeds> = Awaited<ReturnType<Deeds[D]>>;

export interface Outcome {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/**
 * A machine with one user, nobody special, whose home is a folder of ours: so says the system's list of users, too,
 * which is where `ssh` looks. The real home is neither read nor written.
 */
export class Machine {
  readonly #folder = mkdtempSync(join(tmpdir(), 'ssh config-'));
  readonly #user = ordinaryUser();
  readonly home = join(this.#folder, 'home of Zoë');
  readonly ssh = join(this.home, '.ssh');
  readonly config = join(this.ssh, 'config');
  /** Our folder. */
  readonly ours = join(this.ssh, 'sandbox-explorer');
  readonly #actor = join(this.#folder, 'actor.js');
  readonly #environment: Record<string, string>;

  constructor() {
    chmodSync(this.#folder, 0o755);
    writeFileSync(this.#actor, actor());
    this.folder(this.home, 0o755);
    this.#environment = homeEnvironment(this.home, join(this.#folder, 'passwd'), this.#user.name);
  }

  /** Makes a folder of the user's. */
  folder(path: string, mode = 0o700): string {
    if (!existsSync(dirname(path))) this.folder(dirname(path));
    if (!existsSync(path)) mkdirSync(path);
    chmodSync(path, mode);
    this.#give(path);
    return path;
  }

  /** Writes a file of the user's, with the folder that it lies in. */
  file(path: string, content: string | Buffer, mode = 0o600): string {
    if (!existsSync(dirname(path))) this.folder(dirname(path));
    writeFileSync(path, content);
    chmodSync(path, mode);
    this.#give(path);
    return path;
  }

  /** Writes the user's config, a byte for each character. */
  writeConfig(content: string, mode?: number): string {
    return this.file(this.config, Buffer.from(content, 'latin1'), mode);
  }

  /** The names of temporary files that were left beside the SSH files. */
  halfWritten(): string[] {
    return readdirSync(this.ssh, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('new'),
    );
  }

  #give(path: string): void {
    if (process.getuid?.() === 0) chownSync(path, this.#user.uid, this.#user.gid);
  }

  /** Keeps the SSH files as they are now, for `restore`. */
  save(): void {
    execFileSync('cp', ['-a', this.home, `${this.home}.saved`]);
  }

  restore(): void {
    rmSync(this.home, { recursive: true });
    execFileSync('cp', ['-a', `${this.home}.saved`, this.home]);
  }

  /** The bytes of the user's config, each as a character. */
  read(path = this.config): string {
    return readFileSync(path, 'latin1');
  }

  /** Has the user do something; fails when it does not answer, as when it has crashed. */
  async do<D extends keyof Deeds>(deed: D, order: Rest<D>): Promise<Answer<Result<D>>> {
    const { code, output, errors } = await this.try(deed, order);
    if (code !== 0) throw new Error(`${deed} ended with ${code}: ${errors}`);
    return JSON.parse(output);
  }

  /** The same for something that may crash. */
  async try<D extends keyof Deeds>(deed: D, order: Rest<D>): Promise<Outcome> {
    return await this.run(this.command(deed, order));
  }

  /** The words of a command that does something, for `run`. */
  command<D extends keyof Deeds>(deed: D, order: Rest<D>): string[] {
    const whole = { root: this.ours, configFile: this.config, ...order };
    return [process.execPath, this.#actor, deed, JSON.stringify(whole)];
  }

  /** What `ssh -G` says of a host: options with their values. */
  async options(host: string, ...args: string[]): Promise<Record<string, string>> {
    const { code, output, errors } = await this.run(['ssh', '-G', ...args, host]);
    if (code !== 0) throw new Error(errors);
    return Object.fromEntries(
      output.split('\n').map((line) => [line.split(' ', 1)[0], line.slice(line.indexOf(' ') + 1)]),
    );
  }

  /** @param jail What bubblewrap shall change about the machine; @param env Variables to set. */
  async run(
    command: readonly string[],
    jail: readonly string[] = [],
    env: Record<string, string> = {},
  ): Promise<Outcome> {
    const changed = jail.length > 0 ? ['bwrap', '--dev-bind', '/', '/', ...jail, '--'] : [];
    const words = [...this.#asUser(), ...changed, ...command];
    const [program = '', ...args] = words;
    const child = spawn(program, args, {
      cwd: '/',
      env: { ...process.env, ...this.#environment, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const closed = once(child, 'close');
    const [output, errors, [end, signal]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      closed,
    ]);
    // As a shell says it, and bubblewrap.
    const code = typeof end === 'number' ? end : 128 + constants.signals[signal as NodeJS.Signals];
    return { code, output, errors };
  }

  /** By setpriv, since a spawned process that only changed its user would keep root's other groups. */
  #asUser(): string[] {
    if (process.getuid?.() !== 0) return [];
    const { uid, gid } = this.#user;
    return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--inh-caps=-all', '--'];
  }

  dispose(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

/** Gives a task a machine that goes with it. */
export async function withMachine<T>(task: (machine: Machine) => Promise<T>): Promise<T> {
  const machine = new Machine();
  try {
    return await task(machine);
  } finally {
    machine.dispose();
  }
}

let bundle: string | undefined;

/** The program as it is now, built once per process: everybody can read it wherever it is put. */
function actor(): string {
  bundle ??= buildSync({
    entryPoints: [join(root, 'test/contract/sshConfig/actor.ts')],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    // What ssh2 does without.
    external: ['cpu-features', '*.node'],
    logLevel: 'warning',
    write: false,
  }).outputFiles[0]?.text;
  return bundle ?? '';
}
