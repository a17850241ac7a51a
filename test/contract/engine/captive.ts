import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { Client, type Answer } from './client.ts';
import { dispose, startEngine, type RunningEngine, type StartOptions } from './startEngine.ts';

/** What is in everything of the host that a sandbox must not get at. */
export const hostWords = 'of the host';

/** A sandbox that tries to get out, for the tests of a block, and what it would find there. */
export class Captive {
  #engine: RunningEngine | undefined;
  #leaked: number | undefined;
  /** A folder of the host in which everybody may read and write: nothing but the jail protects it. */
  secrets = '';
  sandbox = '';

  constructor(options: () => StartOptions) {
    beforeAll(async () => {
      this.secrets = mkdtempSync(join(tmpdir(), 'host-secrets-'));
      writeFileSync(join(this.secrets, 'secret'), hostWords);
      chmodSync(join(this.secrets, 'secret'), 0o666);
      chmodSync(this.secrets, 0o777);
      this.#leaked = openSync(join(this.secrets, 'secret'), 'r+');
      const extraDescriptors = Array.from({ length: 40 }, () => this.#leaked ?? 0);
      this.#engine = await startEngine({ ...options(), extraDescriptors, args: ['--listen', '127.0.0.1:0'] });
      this.sandbox = await this.client.create();
    });
    afterAll(async () => {
      if (this.#engine) await dispose(this.#engine);
      if (this.#leaked !== undefined) closeSync(this.#leaked);
      rmSync(this.secrets, { recursive: true, force: true });
    });
  }

  get engine(): RunningEngine {
    if (!this.#engine) throw new Error('The engine is not there yet');
    return this.#engine;
  }

  get client(): Client {
    return new Client(this.engine);
  }

  /** What a command in the sandbox prints and complains about. */
  tries(command: string): Promise<string> {
    return this.client.run(this.sandbox, command);
  }

  /** The disk of a sandbox or snapshot, as the host sees it. */
  diskOf(path: string): string {
    return join(
      this.engine.dataDir,
      path.replace('/v1/sandbox', 'sandboxes').replace('/v1/snapshot', 'snapshots'),
      'disk',
    );
  }

  /** Neither the folder of the host nor the engine's own has been written to. */
  expectHostUnchanged(): void {
    expect(readdirSync(this.secrets)).toEqual(['secret']);
    expect(readFileSync(join(this.secrets, 'secret'), 'utf8')).toBe(hostWords);
    expect(readFileSync(join(this.engine.dataDir, 'token'), 'utf8')).toBe(`${this.engine.token}\n`);
    const own = [
      'engine.json',
      'engine.life',
      'engine.log',
      'engine.sock',
      'sandboxes',
      'snapshots',
      'token',
      'trash',
    ];
    expect(own).toEqual(expect.arrayContaining(readdirSync(this.engine.dataDir)));
  }

  /** An answer shows nothing of the host. */
  expectNoLeak({ bytes }: Pick<Answer, 'bytes'>, attempt: string): void {
    for (const secret of [hostWords, this.engine.token]) expect(bytes.includes(secret), attempt).toBe(false);
  }
}

/** Whether anybody else on the host could run a program that lies there. */
export function strangerCanRun(file: string): boolean {
  const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups', '--'];
  try {
    // By a shell, since setpriv still has root's powers when it looks for the program.
    execFileSync('setpriv', [...nobody, 'sh', '-c', 'exec "$0"', file], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
