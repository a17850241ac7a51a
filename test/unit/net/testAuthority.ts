import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Identity {
  readonly key: string;
  readonly cert: string;
}

/** An authority that lives as long as a test, and makes certificates with the `openssl` of this machine. */
export class TestAuthority {
  readonly #folder = mkdtempSync(join(tmpdir(), 'sandbox-explorer-ca-'));
  /** The file of its own certificate. */
  readonly file = join(this.#folder, 'ca.pem');
  readonly #key = join(this.#folder, 'ca.key');

  constructor() {
    const days = ['-x509', '-days', '2', '-subj', '/CN=Sandbox Explorer test'];
    this.#openssl('req', ...newKey, '-keyout', this.#key, '-out', this.file, ...days);
  }

  get cert(): string {
    return readFileSync(this.file, 'utf8');
  }

  /** @param days From now on that it is valid; -1: until yesterday. */
  issue(names: string, days = 2): Identity {
    const [key, request] = ['key.pem', 'request.pem'].map((file) => join(this.#folder, file)) as [
      string,
      string,
    ];
    const extensions = join(this.#folder, 'extensions');
    writeFileSync(extensions, `subjectAltName=${names}\n`);
    this.#openssl('req', ...newKey, '-keyout', key, '-out', request, '-subj', '/CN=test');
    const signing = ['-req', '-in', request, '-CA', this.file, '-CAkey', this.#key, '-extfile', extensions];
    const cert = this.#openssl('x509', ...signing, '-days', String(days));
    return { key: readFileSync(key, 'utf8'), cert };
  }

  dispose(): void {
    rmSync(this.#folder, { recursive: true });
  }

  #openssl(...args: string[]): string {
    return execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  }
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
