import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { Server, utils, type Connection } from 'ssh2';
import { newPrivateKey } from '../../../src/common/sshKey.ts';
import type { KeptAccess } from '../../../src/ssh/hostRecord.ts';

const newKey = (type: 'ed25519' | 'rsa' = 'ed25519') =>
  type === 'rsa' ? utils.generateKeyPairSync(type, { bits: 2048 }).private : newPrivateKey('a gateway');

/** A gateway whose faults a test chooses. What it does right is done by real processes of this machine. */
export class FaultyServer {
  password = 'the right password';
  /** Said to everybody before they log in. */
  banner: string | undefined;
  /** Whether it closes the connection as soon as a command has ended. */
  isCurt = false;
  /** How often somebody has tried a password. */
  tries = 0;
  #hostKey = newKey();
  readonly #sockets = new Set<Socket>();
  readonly #clients = new Set<Connection>();
  readonly #listener = createServer({ noDelay: true }, (socket) => this.#meet(socket));

  /** Listens at a port, or at a free one. */
  static async start(port = 0): Promise<FaultyServer> {
    const server = new FaultyServer();
    server.#listener.listen(port, '127.0.0.1');
    await once(server.#listener, 'listening');
    return server;
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port;
  }

  get access(): KeptAccess {
    const { password, port } = this;
    const command = `ssh me@127.0.0.1 -p ${port}`;
    return { accessId: 'a', user: 'me', password, host: '127.0.0.1', port, command };
  }

  changeHostKey(type: 'ed25519' | 'rsa' = 'ed25519'): void {
    this.#hostKey = newKey(type);
  }

  /** Does not read, nor answer, nor close. */
  stall(): void {
    for (const socket of this.#sockets) socket.pause();
  }

  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Sends something that is no SSH any more. */
  babble(): void {
    for (const socket of this.#sockets) socket.write(Buffer.alloc(64, 0xff));
  }

  /** Has every client exchange keys anew. */
  rekey(): void {
    for (const client of this.#clients) client.rekey();
  }

  stop(): void {
    this.#listener.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #meet(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    const { banner } = this;
    // Its own keep-alives would hide that ours get no answer.
    const ssh = new Server({
      hostKeys: [this.#hostKey],
      keepaliveInterval: 2 ** 31 - 1,
      ...(banner !== undefined && { banner }),
    });
    ssh.on('connection', (client) => this.#serve(client));
    ssh.injectSocket(socket);
  }

  #serve(client: Connection): void {
    this.#clients.add(client);
    client.once('close', () => this.#clients.delete(client));
    client.on('error', () => undefined);
    client.on('authentication', (attempt) => {
      if (attempt.method !== 'password') return attempt.reject(['password']);
      this.tries += 1;
      if (attempt.password === this.password) attempt.accept();
      else attempt.reject(['password']);
    });
    client.on('session', (accept) => {
      accept().on('exec', (take, _reject, { command }) => {
        const channel = take();
        const child = spawn('sh', ['-c', command], { stdio: 'pipe' });
        channel.pipe(child.stdin);
        child.stdout.pipe(channel, { end: false });
        child.stderr.pipe(channel.stderr, { end: false });
        child.stdin.on('error', () => undefined);
        client.once('close', () => child.kill());
        child.once('close', (code) => {
          channel.exit(code ?? 1);
          channel.end();
          if (this.isCurt) client.end();
        });
      });
    });
  }
}
