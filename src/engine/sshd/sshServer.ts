import { once } from 'node:events';
import { createServer, type AddressInfo, type Server as NetServer, type Socket } from 'node:net';
import { Server, type Algorithms, type Connection } from 'ssh2';
import { readPort } from '../../common/engineSsh.ts';
import { writeWhole } from '../../common/wholeFile.ts';
import type { DataFolder } from '../dataFolder.ts';
import type { LogFile } from '../logFile.ts';
import type { SandboxRegistry } from '../sandbox/registry.ts';
import type { AccessRecord } from './access.ts';
import type { Accesses } from './accesses.ts';
import { disconnect } from './disconnect.ts';
import { loadOrCreateHostKey } from './hostKey.ts';
import { logIn } from './logIn.ts';
import { SshConnection } from './sshConnection.ts';

/** Whatever sandbox it leads into, a client comes from this machine. */
export const sshHost = '127.0.0.1';

const maxConnections = 256;
/** Beyond this many that have not said their password the oldest is dropped, so that nobody can keep others out. */
const maxStrangers = 32;
/** A person may have to look the password up. */
const logInMs = 120_000;
/** Connections of this machine end with their client; one that only rests, by Ctrl+Z, is left alone. */
const noKeepalive = { keepaliveInterval: 2 ** 31 - 1, keepaliveCountMax: 1 };

/** What every OpenSSH since 2014 has, and Node computes natively. */
const algorithms: Algorithms = {
  kex: ['curve25519-sha256', 'curve25519-sha256@libssh.org', 'ecdh-sha2-nistp256'],
  cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr', 'aes256-ctr'],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
  compress: ['none'],
};

interface SshServerParts {
  folder: DataFolder;
  accesses: Accesses;
  registry: SandboxRegistry;
  log: LogFile;
}

/** Lets people into sandboxes by SSH, from this machine. */
export class SshServer {
  readonly #parts: SshServerParts;
  readonly #strangers = new Set<Socket>();
  /** With the ID of the sandbox that each leads to. */
  readonly #connections = new Map<SshConnection, string>();
  #listening: Promise<NetServer> | undefined;

  constructor(parts: SshServerParts) {
    this.#parts = parts;
  }

  /** Listens, unless it does already: on the port that clients know, if it can be had. @returns the port */
  async listen(): Promise<number> {
    this.#listening ??= this.#start().catch((error: unknown) => {
      this.#listening = undefined;
      throw error;
    });
    return portOf(await this.#listening);
  }

  /** Ends all connections to a sandbox. */
  disconnect(sandboxId: string): void {
    for (const [connection, id] of this.#connections) if (id === sandboxId) connection.end();
  }

  async close(): Promise<void> {
    const server = await this.#listening?.catch(() => undefined);
    server?.close();
    for (const socket of this.#strangers) socket.destroy();
    for (const connection of this.#connections.keys()) connection.end();
  }

  async #start(): Promise<NetServer> {
    const { folder, log } = this.#parts;
    const hostKey = await loadOrCreateHostKey(folder.sshHostKey);
    const server = createServer({ noDelay: true }, (socket) => this.#meet(socket, hostKey));
    server.maxConnections = maxConnections;
    const known = readPort(folder.sshPort);
    await listenOn(server, known ?? 0).catch(() => listenOn(server, 0));
    server.on('error', (error) => log.error('the SSH server failed', error));
    const port = portOf(server);
    if (port !== known) await writeWhole(folder.sshPort, `${port}\n`);
    log.info(`SSH listens on port ${port}`);
    return server;
  }

  #meet(socket: Socket, hostKey: string): void {
    this.#strangers.add(socket);
    const [oldest] = this.#strangers;
    if (this.#strangers.size > maxStrangers) oldest?.destroy();
    const late = setTimeout(() => socket.destroy(), logInMs);
    const introduced = () => {
      clearTimeout(late);
      this.#strangers.delete(socket);
    };
    socket.once('close', introduced);
    const { accesses, log } = this.#parts;
    // One for each connection, since only here it is known to which socket it belongs.
    const ssh = new Server({ hostKeys: [hostKey], algorithms, ...noKeepalive });
    ssh.on('connection', (client) => {
      client.on('error', (error) => log.warn(`an SSH connection failed: ${error.message}`));
      logIn(client, accesses, {
        welcome: (access) => {
          introduced();
          this.#welcome(client, socket, access);
        },
        refuse: () => disconnect(client, socket),
      });
    });
    ssh.injectSocket(socket);
  }

  #welcome(client: Connection, socket: Socket, { sandboxId }: AccessRecord): void {
    const { registry, log } = this.#parts;
    const connection = new SshConnection({ client, socket, sandbox: registry.get(sandboxId), log });
    this.#connections.set(connection, sandboxId);
    log.info(`SSH connection to ${sandboxId} opened`);
    socket.once('close', () => {
      this.#connections.delete(connection);
      log.info(`SSH connection to ${sandboxId} closed`);
    });
  }
}

async function listenOn(server: NetServer, port: number): Promise<void> {
  server.listen(port, sshHost);
  await once(server, 'listening');
}

const portOf = (server: NetServer) => (server.address() as AddressInfo).port;
