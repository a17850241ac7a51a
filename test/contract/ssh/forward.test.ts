import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import type { NetConnectOpts } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { forwardPort } from '../../../src/ssh/forward.ts';
import {
  dialHere,
  exchange,
  freePort,
  hasIpv6,
  isRefused,
  serveHere,
  serveInside,
} from '../engine/servers.ts';
import { EngineHost } from './engineHost.ts';
import { host as name } from './sshHost.ts';

const inside = 7200;
let there: EngineHost;
let open: { dispose(): void }[];
let said: string[];

beforeEach(async () => {
  there = await EngineHost.make();
  await serveInside(there.client, there.sandbox, inside, 'echo');
  open = [];
  said = [];
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const each of open) each.dispose();
  await there.dispose();
});

const log = {
  debug: () => {},
  info: (line: string) => void said.push(line),
  warn: () => {},
  error: () => {},
};

async function forward(port = inside, signal?: AbortSignal) {
  const { config } = there.host;
  const forwarded = await forwardPort({ config, host: name, port, log, signal });
  open.push(forwarded);
  return forwarded;
}

/** What comes back through the forwarded port. */
async function echo(localPort: number, text = 'through'): Promise<string> {
  return (await exchange(await dialHere({ port: localPort, host: '127.0.0.1' }), text)).toString();
}

/** A program of this machine that has the port until the test is over. */
async function occupy(where: NetConnectOpts): Promise<void> {
  const server = await serveHere(where);
  open.push({ dispose: () => void server.close() });
}

/** The processes that forward for us: `ssh`, and what it has started. */
function processes(): string[] {
  const lines = readdirSync('/proc').flatMap((pid) => (/^\d+$/.test(pid) ? [commandLine(pid)] : []));
  return lines.filter((line) => line.includes(there.host.root));
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

const nothingIsLeft = () => expect.poll(processes).toEqual([]);

describe('a port that is forwarded', () => {
  it('is found on localhost by the same number, as soon as it is said to be there', async () => {
    const { port, localPort } = await forward();
    expect([port, localPort]).toEqual([inside, inside]);
    const bytes = 'x'.repeat(300_000);
    expect(await echo(localPort, bytes)).toBe(bytes);
    expect(said).toEqual([]);
  });

  it('leads to a server that listens by IPv6 only', async ({ skip }) => {
    skip(!hasIpv6, 'This machine has no IPv6.');
    await serveInside(there.client, there.sandbox, '[::1]:7201', 'echo');
    const { localPort } = await forward(7201);
    expect(await echo(localPort)).toBe('through');
  });

  it.for(['127.0.0.1', '0.0.0.0', '::1'])(
    'has another number where a program at %s has its own',
    async (host, { skip }) => {
      skip(host === '::1' && !hasIpv6, 'This machine has no IPv6.');
      await occupy({ port: inside, host });
      const { localPort } = await forward();
      expect(localPort).not.toBe(inside);
      expect(await echo(localPort)).toBe('through');
    },
  );

  it('has another number where its own is for the administrator', async () => {
    const { port, localPort } = await forward(80);
    expect(port).toBe(80);
    expect(localPort).toBeGreaterThanOrEqual(1024);
    // A sandbox has no administrator who could serve anything there.
    expect(await isRefused({ port: localPort, host: '127.0.0.1' })).toBe(true);
  });

  it('has another number, too, where a program is quicker to take its own', async () => {
    const forwarding = forward();
    const [proxy = 0] = await vi.waitUntil(
      () => (there.host.proxies().length > 0 ? there.host.proxies() : undefined),
      { interval: 2, timeout: 20_000 },
    );
    process.kill(proxy, 'SIGSTOP');
    await occupy({ port: inside, host: '127.0.0.1' });
    process.kill(proxy, 'SIGCONT');
    const { localPort } = await forwarding;
    expect(localPort).not.toBe(inside);
    expect(await echo(localPort)).toBe('through');
    expect(said.join('\n')).toContain(`cannot listen to port: ${inside}`);
  });

  it('is another one for each', async () => {
    await serveInside(there.client, there.sandbox, inside + 1, 'count');
    const [one, other] = await Promise.all([forward(), forward(inside + 1)]);
    expect(await echo(one.localPort)).toBe('through');
    expect(await echo(other.localPort)).toBe('got 7');
  });

  it('stays when nobody listens inside, and says so in the log', async () => {
    const { localPort } = await forward(7299);
    expect(await isRefused({ port: localPort, host: '127.0.0.1' })).toBe(true);
    await expect.poll(() => said.join('\n')).toMatch(/port 7299: .*open failed/);
    await serveInside(there.client, there.sandbox, 7299, 'echo');
    expect(await echo(localPort)).toBe('through');
  });

  it('leaves nothing behind when it is not wanted any more, even while it is used', async () => {
    const forwarded = await forward();
    const socket = await dialHere({ port: forwarded.localPort, host: '127.0.0.1' });
    socket.write('still here');
    await once(socket, 'data');
    forwarded.dispose();
    await forwarded.ended;
    socket.destroy();
    await nothingIsLeft();
    await occupy({ port: inside, host: '127.0.0.1' });
  });

  it('leaves nothing behind when its window crashes', async () => {
    const program = join(import.meta.dirname, 'forwarder.mts');
    const window = spawn(process.execPath, [program, there.host.config, name, String(inside)]);
    open.push({ dispose: () => window.kill('SIGKILL') });
    const [line] = (await once(window.stdout, 'data')) as [Buffer];
    expect(await echo(Number(line))).toBe('through');
    window.kill('SIGKILL');
    await nothingIsLeft();
  });

  it.each(['stopped', 'deleted'])('ends, and says why, when the sandbox is %s', async (how) => {
    const forwarded = await forward();
    if (how === 'deleted') await there.client.call('DELETE', there.sandbox);
    else await there.client.call('POST', `${there.sandbox}/stop`);
    expect(await forwarded.ended).toMatch(/^The local engine closed the connection/);
    await nothingIsLeft();
  });
});

describe('a port that cannot be forwarded', () => {
  it('is told in the words that are meant for people', async () => {
    await there.client.call('DELETE', there.sandbox);
    await expect(forward()).rejects.toMatchObject({
      kind: 'network',
      message: expect.stringMatching(/^There is no such sandbox/),
    });
    expect(said.length).toBeGreaterThan(0);
    await nothingIsLeft();
  });

  it('leaves nothing behind when the user has enough of it', async () => {
    const controller = new AbortController();
    const forwarding = forward(inside, controller.signal);
    await vi.waitUntil(() => there.host.proxies().length > 0, { interval: 2, timeout: 20_000 });
    controller.abort();
    await expect(forwarding).rejects.toMatchObject({ kind: 'cancelled' });
    await nothingIsLeft();
    await expect(forward(inside, controller.signal)).rejects.toMatchObject({ kind: 'cancelled' });
    await nothingIsLeft();
  });

  it('says what is missing on a machine without OpenSSH', async () => {
    vi.stubEnv('PATH', '/nowhere');
    await expect(forward()).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('no ssh program'),
      advice: expect.stringContaining('Install OpenSSH'),
    });
  });

  it('is not tried under a name that is none', async () => {
    const { config } = there.host;
    const port = await freePort();
    await expect(forwardPort({ config, host: '-V', port, log })).rejects.toMatchObject({ kind: 'network' });
  });
});
