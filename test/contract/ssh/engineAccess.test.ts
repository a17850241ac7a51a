import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accessFile } from '../../../src/ssh/folder.ts';
import type { KeptAccess } from '../../../src/ssh/hostRecord.ts';
import { install } from '../../../src/ssh/installation.ts';
import { windowVariable } from '../../../src/ssh/proxy/window.ts';
import { stopEngine } from '../../tools/engine.mts';
import { root } from '../../tools/paths.mts';
import { TestServers } from '../../unit/net/testServers.ts';
import { Client } from '../engine/client.ts';
import { EngineHost, newAccess } from './engineHost.ts';
import { FaultyServer } from './faultyServer.ts';
import { host as name, outcomeOf, type SshHost } from './sshHost.ts';

let there: EngineHost;
let host: SshHost;

beforeEach(async () => {
  there = await EngineHost.make();
  ({ host } = there);
});
afterEach(async () => {
  await stopEngine(there.engine.dataDir);
  await there.dispose();
});

const fine = () => host.ssh('echo fine');
const good = { code: 0, stdout: Buffer.from('fine\n'), stderr: '' };
const post = (path: string) => there.client.call('POST', `${there.sandbox}${path}`);
const state = () => there.client.state(there.sandbox);
/** Whether the engine takes these credentials. */
const observed = async (access: KeptAccess | undefined): Promise<unknown> => {
  const { accessId: id, password } = access ?? {};
  const { body } = await there.client.call('POST', `${there.sandbox}/ssh/validate`, { id, password });
  return body.valid;
};
const firstLine = ({ stderr }: { stderr: string }) => stderr.split('\n')[0];

/** The lines of the engine's log that tell of such calls. */
const calls = (what: RegExp) =>
  readFileSync(join(there.engine.dataDir, 'engine.log'), 'utf8')
    .split('\n')
    .filter((line) => what.test(line));

/** The engine that runs now, which ssh-proxy may have started. */
function engineNow(): Client {
  const { pid, socketPath } = JSON.parse(readFileSync(join(there.engine.dataDir, 'engine.json'), 'utf8'));
  return new Client({ ...there.engine, pid, socketPath });
}

describe('a sandbox of the local engine that is', () => {
  it('paused wakes for a person who connects', async () => {
    await post('/pause');
    expect(await fine()).toEqual(good);
    expect(await state()).toBe('running');
  });

  it('stopped stays so, and says it', async () => {
    await post('/stop');
    const outcome = await fine();
    expect(outcome).toMatchObject({ code: 255 });
    expect(outcome.stderr).toMatch(/stopped\. Start it/);
    expect(await state()).toBe('stopped');
  });

  it('deleted is missed by name', async () => {
    await there.client.call('DELETE', there.sandbox);
    const outcome = await fine();
    expect(outcome.code).toBe(255);
    expect(firstLine(outcome)).toMatch(new RegExp(`^Sandbox Explorer, ${name}: There is no such sandbox`));
  });

  it.each(['stop', 'delete'])(
    'in use when somebody does %s ends its connections, and says who did',
    async (what) => {
      // It only forwards, so there is no command whose end would end it.
      const ssh = host.startSsh(undefined, { options: ['-N', '-v'] });
      let said = '';
      ssh.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
      const ending = outcomeOf(ssh);
      await expect.poll(() => said).toContain('Entering interactive session');
      if (what === 'stop') await post('/stop');
      else await there.client.call('DELETE', there.sandbox);
      const outcome = await ending;
      expect(outcome.code).toBe(255);
      expect(outcome.stderr).toContain(`Sandbox Explorer, ${name}: The local engine closed the connection`);
      await expect.poll(() => host.proxies()).toEqual([]);
    },
  );

  it('in use and paused keeps the connection for later', async () => {
    const ssh = host.startSsh('cat');
    let said = '';
    ssh.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    ssh.stdin?.write('one\n');
    await expect.poll(() => said).toBe('one\n');
    await post('/pause');
    ssh.stdin?.write('two\n');
    await there.run('true');
    expect((await outcomeOf(ssh, 'three\n')).code).toBe(0);
    expect(said).toBe('one\ntwo\nthree\n');
  });
});

describe('without any window, credentials of the local engine', () => {
  it('that have expired are renewed', async () => {
    const before = host.access;
    await there.expire();
    expect(await fine()).toEqual(good);
    expect(host.access?.password).not.toBe(before?.password);
    expect(host.access?.expiresAt).toBeGreaterThan(Date.now());
    expect(await fine()).toEqual(good);
  });

  it('that were revoked are made anew', async () => {
    await there.client.call('DELETE', `${there.sandbox}/ssh/access`);
    expect(await fine()).toEqual(good);
  });

  it('are made when there are none yet', async () => {
    await there.client.call('DELETE', `${there.sandbox}/ssh/access`);
    await host.forgetAccess();
    expect(await fine()).toEqual(good);
    expect(host.access?.user).toMatch(/^ssh-/);
  });

  it('are renewed once by ten that find them expired at the same time', async () => {
    await there.expire();
    const outcomes = await Promise.all(Array.from({ length: 10 }, fine));
    expect(outcomes).toEqual(Array.from({ length: 10 }, () => good));
    expect(calls(/ssh\/access/)).toHaveLength(2);
    expect(calls(/regen/)).toEqual([]);
  });

  it('that a process was about to renew when it was killed are renewed by the next one', async () => {
    const before = host.access;
    const program = join(root, 'test/contract/ssh/killedRenewal.mts');
    const { code } = await host.run(process.execPath, [program, host.folder.root, name]);
    expect(code).toBe('SIGKILL');
    expect(host.access).toEqual(before);
    expect(await observed(before)).toBe(false);
    // It may say that it waits for the one that was killed.
    const { code: ended, stdout } = await fine();
    expect({ code: ended, stdout }).toEqual({ code: good.code, stdout: good.stdout });
  });

  it('that are being made when a window crashes are written down first', async () => {
    await there.client.call('DELETE', `${there.sandbox}/ssh/access`);
    await host.forgetAccess();
    const { pid } = there.engine;
    const window = host.start('sleep', ['600']);
    process.kill(pid, 'SIGSTOP');
    const ssh = host.startSsh('true', { env: { [windowVariable]: String(window.pid) } });
    const ending = outcomeOf(ssh);
    await expect.poll(() => existsSync(`${accessFile(host.folder, name)}.lock`)).toBe(true);
    window.kill('SIGKILL');
    // Longer than ssh-proxy goes without a look at it.
    await delay(3_000);
    process.kill(pid, 'SIGCONT');
    await expect.poll(() => host.access?.user).toMatch(/^ssh-/);
    await ending;
    await expect.poll(() => host.proxies()).toEqual([]);
  });

  it('that somebody else has replaced are left to them', async () => {
    const theirs = await newAccess(there.client, there.sandbox, 'regen');
    const outcome = await fine();
    expect(outcome.code).toBe(255);
    expect(firstLine(outcome)).toBe(
      `Sandbox Explorer, ${name}: The sandbox has an SSH access already. Regenerate it for a new password, or delete it. ` +
        'If its SSH access was made elsewhere: regenerate it in the Sandbox Explorer view, which ends whatever uses the other one.',
    );
    await host.setAccess(theirs);
    expect(await fine()).toEqual(good);
  });

  it('that have expired, and that somebody else has replaced since, are left to them', async () => {
    const theirs = await newAccess(there.client, there.sandbox, 'regen');
    await host.setAccess({ expiresAt: Date.now() - 1000 });
    const outcome = await fine();
    expect(outcome.code).toBe(255);
    expect(firstLine(outcome)).toContain('If its SSH access was made elsewhere');
    expect(await observed(theirs)).toBe(true);
  });

  it('that somebody else has made are left to them', async () => {
    await host.forgetAccess();
    expect(firstLine(await fine())).toContain('If its SSH access was made elsewhere');
  });
});

describe('good credentials stay as they are, since others may have been given them,', () => {
  it('when the engine has to be started', async () => {
    const before = host.access;
    await there.engine.stop();
    expect((await fine()).stderr).toMatch(/Start it/);
    expect(host.access).toEqual(before);
  });

  it('when it listens elsewhere than it did', async () => {
    const before = host.access;
    await there.engine.stop();
    const stranger = await FaultyServer.start(before?.port);
    expect((await fine()).stderr).toMatch(/Start it/);
    stranger.stop();
    const port = Number(readFileSync(join(there.engine.dataDir, 'ssh_port'), 'utf8'));
    expect(port).not.toBe(before?.port);
    expect(host.access).toEqual({ ...before, port, command: `ssh ${before?.user}@127.0.0.1 -p ${port}` });
  });

  it('when something else was in the way, and the connection stands all the same', async () => {
    const before = host.access;
    const stranger = await FaultyServer.start();
    await host.setAccess({ port: stranger.port });
    expect(await fine()).toEqual(good);
    stranger.stop();
    expect(host.access).toEqual(before);
  });

  it('when the engine hangs up, which is told', async ({ onTestFinished }) => {
    const servers = new TestServers();
    onTestFinished(() => servers.close());
    const port = await servers.tcp((socket) => socket.once('data', () => socket.destroy()));
    await host.setAccess({ port });
    writeFileSync(join(there.engine.dataDir, 'ssh_port'), `${port}\n`);
    const before = host.access;
    const outcome = await fine();
    expect(outcome.code).toBe(255);
    expect(firstLine(outcome)).toContain('The local engine closed the connection');
    expect(host.access).toMatchObject({ password: before?.password, expiresAt: before?.expiresAt });
    expect(calls(/regen/)).toEqual([]);
  });
});

describe('without any window, an engine that does not run', () => {
  it('is started, once, by whoever connects', async () => {
    await there.engine.stop();
    const outcomes = await Promise.all(Array.from({ length: 5 }, fine));
    // Sandboxes do not survive their engine; that ours says so is proof that it is there again.
    for (const { code, stderr } of outcomes)
      expect([code, stderr]).toEqual([255, expect.stringMatching(/Start it/)]);
    const client = engineNow();
    expect((await client.call('POST', `${there.sandbox}/start`)).status).toBe(200);
    expect(await fine()).toEqual(good);
  });

  it('is not mistaken for a stranger that has taken its port, who learns nothing', async () => {
    expect(await fine()).toEqual(good);
    await there.engine.stop();
    const stranger = await FaultyServer.start(host.access?.port);
    expect((await fine()).stderr).toMatch(/Start it/);
    expect(stranger.tries).toBe(0);
    stranger.stop();
  });

  it('is not mistaken for one even by who has never been there', async () => {
    await there.engine.stop();
    const stranger = await FaultyServer.start(host.access?.port);
    expect((await fine()).stderr).toMatch(/Start it/);
    expect(stranger.tries).toBe(0);
    stranger.stop();
  });

  const lendNoEngine = () =>
    install(host.folder, join(root, 'dist/ssh-proxy.js'), {
      runtime: process.execPath,
      engine: '/nowhere/engine.js',
    });

  it.each([
    ['gone', lendNoEngine],
    ['named nowhere any more', async () => undefined],
  ])('and whose program is %s is explained', async (_, lend) => {
    await there.engine.stop();
    rmSync(host.folder.installations, { recursive: true });
    await lend();
    const outcome = await fine();
    expect(outcome.code).toBe(255);
    expect(firstLine(outcome)).toBe(
      `Sandbox Explorer, ${name}: The editor that brought the local engine is gone. ` +
        'Open an editor window with Sandbox Explorer, and try again.',
    );
  });
});
