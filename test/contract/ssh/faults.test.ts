import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { make, ours } from './faulty.ts';
import { host as name, outcomeOf } from './sshHost.ts';

// One of them takes long, by doing nothing.
describe.concurrent('a server', () => {
  it('is known by its key from the first time on', async (test) => {
    const { server, host } = await make(test);
    expect((await host.ssh('true')).code).toBe(0);
    expect(readFileSync(host.folder.knownHosts, 'utf8')).toMatch(
      new RegExp(`^\\[127\\.0\\.0\\.1\\]:${server.port} ssh-ed25519 \\S+$`, 'm'),
    );
    expect((await host.ssh('true')).code).toBe(0);
  });

  it.for(['ed25519', 'rsa'] as const)(
    'is refused with another %s key, with the line that would have to go',
    async (type, test) => {
      const { server, host } = await make(test);
      await host.ssh('true');
      server.changeHostKey(type);
      const { code, stderr } = await host.ssh('true');
      expect(code).toBe(255);
      expect(ours(stderr)).toEqual([
        `Sandbox Explorer, ${name}: The server shows another host key than before. Somebody may be listening in, or the ` +
          `service has a new key. If you know that it has: remove line 2 of ${host.folder.knownHosts}, and connect again.`,
      ]);
      expect(server.tries).toBe(1);
      const lines = readFileSync(host.folder.knownHosts, 'utf8').split('\n');
      writeFileSync(host.folder.knownHosts, lines.toSpliced(1, 1).join('\n'));
      expect((await host.ssh('true')).code).toBe(0);
    },
  );

  it('is pinned once by ten that meet it at once', async (test) => {
    const { host } = await make(test);
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => host.ssh('true')));
    expect(outcomes.map(({ code, stderr }) => [code, stderr])).toEqual(
      Array.from({ length: 10 }, () => [0, '']),
    );
    const lines = readFileSync(host.folder.knownHosts, 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(2);
  });

  it('may leave as soon as a command has ended, and nothing of that is lost', async (test) => {
    const { server, host } = await make(test);
    server.isCurt = true;
    for (const code of [0, 9]) {
      const outcome = await host.ssh(`head -c 1000000 /dev/zero; exit ${code}`);
      expect([outcome.code, outcome.stdout.length]).toEqual([code, 1_000_000]);
    }
  });

  it('that resets the connection is named', async (test) => {
    const { server, host } = await make(test);
    const ssh = host.startSsh('echo up; sleep 60');
    await once(ssh.stdout ?? ssh, 'data');
    server.reset();
    const { code, stderr } = await outcomeOf(ssh);
    expect(code).toBe(255);
    expect(ours(stderr)).toEqual([
      expect.stringMatching(
        `^Sandbox Explorer, ${name}: 127.0.0.1:${server.port} closed the connection: .*ECONNRESET`,
      ),
    ]);
  });

  it('that sends nonsense is named', async (test) => {
    const { server, host } = await make(test);
    const ssh = host.startSsh('echo up; sleep 60');
    await once(ssh.stdout ?? ssh, 'data');
    server.babble();
    const { code, stderr } = await outcomeOf(ssh);
    expect([code, ours(stderr)]).toEqual([255, [expect.stringContaining('closed the connection')]]);
  });

  it('that does not listen is named, with what can be done', async (test) => {
    const { server, host } = await make(test);
    const { port } = server;
    server.stop();
    const { code, stderr } = await host.ssh('true');
    expect(code).toBe(255);
    expect(ours(stderr)).toEqual([
      `Sandbox Explorer, ${name}: 127.0.0.1:${port} cannot be reached (ECONNREFUSED). ` +
        "Check this machine's network; if it needs a proxy, name that in http.proxy.",
    ]);
  });

  it('that never says a word is given up', async (test) => {
    const { servers, host } = await make(test);
    const port = await servers.tcp(() => undefined);
    await host.setAccess({ port });
    const { code, stderr } = await host.ssh('true');
    expect([code, ours(stderr)]).toEqual([
      255,
      [`Sandbox Explorer, ${name}: 127.0.0.1:${port} did not answer in time.`],
    ]);
  });

  it('that is no SSH server is named', async (test) => {
    const { servers, host } = await make(test);
    await host.setAccess({ port: (await servers.http((_, response) => response.end('hello'))).port });
    const { code, stderr } = await host.ssh('true');
    expect([code, ours(stderr)]).toEqual([255, [expect.stringContaining('closed the connection')]]);
  });

  it('may exchange keys anew in the middle', async (test) => {
    const { server, host } = await make(test);
    const bytes = randomBytes(3_000_000);
    const ssh = host.startSsh('cat');
    const timer = setInterval(() => server.rekey(), 30);
    const { code, stdout } = await outcomeOf(ssh, bytes).finally(() => clearInterval(timer));
    expect([code, stdout.equals(bytes)]).toEqual([0, true]);
  });

  it('answers the keep-alives of the client itself', async (test) => {
    const { server, host } = await make(test);
    const options = ['-o', 'ServerAliveInterval=1', '-o', 'ServerAliveCountMax=2'];
    const ssh = host.startSsh('echo up; sleep 3.5; echo still up; sleep 600', { options });
    const [up] = await once(ssh.stdout ?? ssh, 'data');
    const [still] = await once(ssh.stdout ?? ssh, 'data');
    server.stall();
    const { code, stderr } = await outcomeOf(ssh);
    expect([String(up), String(still), code]).toEqual(['up\n', 'still up\n', 255]);
    expect(stderr).toContain(`Timeout, server ${name} not responding.`);
  });

  it('that falls silent is given up, with a message', { timeout: 120_000 }, async (test) => {
    const { server, host } = await make(test);
    const ssh = host.startSsh('echo up; sleep 600');
    await once(ssh.stdout ?? ssh, 'data');
    server.stall();
    const { code, stderr } = await outcomeOf(ssh);
    expect(code).toBe(255);
    expect(ours(stderr)).toEqual([
      `Sandbox Explorer, ${name}: 127.0.0.1:${server.port} does not answer any more.`,
    ]);
  });
});
