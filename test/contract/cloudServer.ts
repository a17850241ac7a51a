import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import { passWebSocket } from './passWebSocket.ts';

type Answer = readonly [status: number, body: object];

/** What only revision A has, or has by this name: the engine takes it, and leap0-openapi.yaml has no such call. */
const unknownToB = [
  /^POST \/v1\/sandbox$/,
  /^POST \/v1\/snapshot\/resume$/,
  /\/snapshot\/pause$/,
  /^DELETE .*\/ssh\/access$/,
  /\/ssh\/(validate|regen)$/,
];

/**
 * A sandbox service of its own behind a key, which speaks revision B and nothing else: the real engine over TCP, and in
 * front of it what can refuse a call.
 */
export interface Cloud {
  readonly url: string;
  readonly key: string;
  /** Where revision A of the API is put in front of it. */
  readonly socketPath: string;
  /** The calls that it was asked for, as in `GET /v1/sandboxes`. */
  readonly calls: string[];
  /** The bodies of those calls, in the same order. */
  readonly bodies: string[];
  /** What is answered in the engine's place. */
  instead: (call: string) => Answer | undefined;
  close(): Promise<void>;
}

/** @param program the engine's */
export async function startCloud(program: string): Promise<Cloud> {
  const data = mkdtempSync(join(tmpdir(), 'engine-cloud-'));
  const args = [program, '--data', data, '--listen', '127.0.0.1:0', '--idle-exit', '0'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const { url, tokenFile } = JSON.parse(line) as { url: string; tokenFile: string };
  const info = JSON.parse(readFileSync(join(data, 'engine.json'), 'utf8')) as { socketPath: string };

  const calls: string[] = [];
  const bodies: string[] = [];
  const server = createServer((incoming, response) => answer(incoming, response));
  // As long as the engine keeps one: what is closed while it is written to has to be asked again.
  server.keepAliveTimeout = 30_000;
  const sockets = new Set<Duplex>();
  server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    sockets.add(socket);
    passWebSocket(info.socketPath, incoming, socket, head);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const cloud: Cloud = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    key: readFileSync(tokenFile, 'utf8').trim(),
    socketPath: info.socketPath,
    calls,
    bodies,
    instead: () => undefined,
    close: async () => {
      server.closeAllConnections();
      for (const socket of sockets) socket.destroy();
      server.close();
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
      rmSync(data, { recursive: true, force: true });
    },
  };

  function answer(incoming: IncomingMessage, response: ServerResponse): void {
    const call = `${incoming.method} ${(incoming.url ?? '').replace(/\?.*/, '')}`;
    const index = calls.push(call) - 1;
    bodies[index] = '';
    incoming.on('data', (chunk: Buffer) => (bodies[index] += chunk.toString()));
    const isUnknown = unknownToB.some((pattern) => pattern.test(call));
    const answered = isUnknown ? ([404, { message: 'Not Found' }] as const) : cloud.instead(call);
    if (answered) {
      const [status, body] = answered;
      response.writeHead(status, { 'content-type': 'application/json' });
      return void incoming.resume().on('end', () => response.end(JSON.stringify(body)));
    }
    const { method } = incoming;
    // The engine answers to its own name only.
    const { host: _host, ...headers } = incoming.headers;
    const forwarded = request(new URL(incoming.url ?? '/', url), { method, headers });
    forwarded.on('error', () => response.destroy());
    forwarded.on('response', (result) => {
      response.writeHead(result.statusCode ?? 502, result.headers);
      result.pipe(response);
    });
    incoming.pipe(forwarded);
  }
  return cloud;
}
