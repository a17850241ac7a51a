import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener, type Server as HttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import {
  connect,
  createServer as createNetServer,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import type { Identity } from './testAuthority.ts';

/** Real servers on loopback; `close` ends them and every connection that they have. */
export class TestServers {
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Duplex>();

  /** Answers by HTTP, or by HTTPS when there is an identity. */
  async http(listener: RequestListener, identity?: Identity): Promise<{ server: HttpServer; port: number }> {
    const server = identity ? createHttpsServer(identity, listener) : createHttpServer(listener);
    return { server, port: await this.#listen(server) };
  }

  /** Does with every connection whatever the test wants. */
  tcp(onConnection: (socket: Socket) => void): Promise<number> {
    return this.#listen(createNetServer(onConnection));
  }

  /** A port on which nobody listens. */
  async deadPort(): Promise<number> {
    const server = createNetServer();
    const port = await this.#listen(server);
    await new Promise((resolve) => server.close(resolve));
    return port;
  }

  /**
   * A proxy that knows CONNECT and nothing else. It leads every host to the port given here, since names such as
   * `sandbox.test` exist nowhere.
   * @param refuse What it answers instead of connecting, such as `403 Forbidden`; `''` is no answer at all.
   */
  async proxy(target: number, refuse?: string, identity?: Identity): Promise<TestProxy> {
    const asked: string[] = [];
    const serve = (socket: Socket) => {
      socket
        .on('error', () => undefined)
        .once('data', (head: Buffer) => {
          asked.push(head.toString());
          if (refuse) socket.end(`HTTP/1.1 ${refuse}\r\nContent-Length: 0\r\n\r\n`);
          if (refuse !== undefined) return;
          const upstream = connect(target, '127.0.0.1', () => {
            socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
            socket.pipe(upstream).pipe(socket);
          });
          upstream.on('error', () => socket.destroy());
          this.#keep(upstream);
        });
    };
    const server = identity ? createTlsServer(identity, serve) : createNetServer(serve);
    return { port: await this.#listen(server), asked };
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    for (const server of this.#servers) server.close();
    this.#servers.length = 0;
  }

  async #listen(server: Server): Promise<number> {
    this.#servers.push(server);
    server.on('connection', (socket: Socket) => this.#keep(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  #keep(socket: Duplex): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }
}

export interface TestProxy {
  readonly port: number;
  /** The head of every request that came. */
  readonly asked: readonly string[];
}
