import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import type { SshAccess } from '../../../src/sandboxes/provider.ts';
import { RenewalServer, type RenewalOptions } from '../../../src/ssh/renewal/server.ts';
import { FaultyServer } from './faultyServer.ts';
import { SshHost, type Outcome } from './sshHost.ts';

const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A host whose credentials are not good any more, and windows that may renew them. */
export class Windows {
  readonly server: FaultyServer;
  readonly host: SshHost;
  /** What a window renews them by unless a test says otherwise. */
  readonly fresh: SshAccess;
  /** Disposed after the test. */
  readonly open: { dispose(): void }[];

  private constructor(server: FaultyServer, host: SshHost) {
    this.server = server;
    this.host = host;
    this.fresh = { ...server.access, expiresAt: Date.now() + 3_600_000 };
    this.open = [host, { dispose: () => server.stop() }];
  }

  static async make({ onTestFinished }: TestContext, folder?: string): Promise<Windows> {
    const server = await FaultyServer.start();
    const host = await SshHost.make({ access: { ...server.access, password: 'an old password' } }, folder);
    const made = new Windows(server, host);
    onTestFinished(() => made.open.toReversed().forEach((each) => each.dispose()));
    return made;
  }

  async openWindow(renew: RenewalOptions['renew'] = async () => this.fresh): Promise<RenewalServer> {
    const window = await RenewalServer.start({ folder: this.host.folder, renew, log });
    this.open.push(window);
    return window;
  }

  /** Says of a place, truly or not, that a window listens there. */
  announce(name: string, socket: string, machine = hostname()): string {
    const file = join(this.host.folder.windows, `${name}.json`);
    writeFileSync(file, JSON.stringify({ socket, machine }));
    return file;
  }

  /** Where the windows say that they listen. */
  sockets(): string[] {
    const files = readdirSync(this.host.folder.windows).filter((each) => each.endsWith('.json'));
    return files.map((file) => JSON.parse(readFileSync(join(this.host.folder.windows, file), 'utf8')).socket);
  }

  fine(): Promise<Outcome> {
    return this.host.ssh('echo fine');
  }
}

/** What `fine` brings when nothing is wrong. */
export const good = { code: 0, stdout: Buffer.from('fine\n'), stderr: '' };
