import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from './client.ts';
import { starters } from './hosts.ts';
import { dispose, startEngine, type RunningEngine, removeProgram } from './startEngine.ts';

afterAll(removeProgram);

describe.each(starters())("out of a jail of %s's engine", (who, options) => {
  let engine: RunningEngine;
  let client: Client;
  let sandbox: string;
  let secrets: string;
  let leaked: number;

  beforeAll(async () => {
    secrets = mkdtempSync(join(tmpdir(), 'host-secrets-'));
    writeFileSync(join(secrets, 'secret'), 'of the host');
    leaked = openSync(join(secrets, 'secret'), 'r+');
    engine = await startEngine({ ...options(), extraDescriptors: Array.from({ length: 40 }, () => leaked) });
    client = new Client(engine);
    sandbox = await client.create();
  });
  afterAll(async () => {
    await dispose(engine);
    closeSync(leaked);
    rmSync(secrets, { recursive: true });
  });

  const tries = (command: string) => client.run(sandbox, command);

  it('nothing can be written but the home folder and temporary files', async () => {
    const folders = '/ /usr /usr/bin /etc /bin /var /run /home /proc /proc/sys/kernel /sys';
    expect(
      await tries(
        `for d in ${folders}; do touch $d/x 2>/dev/null && echo $d; done; touch ~/x /tmp/x; echo end`,
      ),
    ).toBe('end\n');
    const files = '/usr/bin/env /etc/passwd /etc/hosts /proc/sys/kernel/core_pattern /proc/sysrq-trigger';
    expect(await tries(`for f in ${files}; do (echo x >> $f) 2>/dev/null && echo $f; done; echo end`)).toBe(
      'end\n',
    );
  });

  it("the host's files are not there", async () => {
    const paths = [
      '/root',
      '/home/*/.ssh',
      '/etc/shadow',
      '/etc/ssh',
      '/var/lib',
      '/work',
      '/opt',
      '/sys',
      '/boot',
      secrets,
    ];
    expect(await tries(`ls -d ${paths.join(' ')} ${engine.dataDir} 2>/dev/null; echo end`)).toBe('end\n');
    expect(await tries('ls -A /home /run /var /tmp')).not.toMatch(/secret|sock|engine/);
  });

  it("the host's files are not behind the links that it makes either", async () => {
    const token = join(engine.dataDir, 'token');
    await tries(`ln -sf ${token} token; ln -sfn ${engine.dataDir} data; ln -sf /proc/1/root/${token} there`);
    expect(
      await tries('cat token data/token there /proc/1/root/etc/shadow /proc/*/root/etc/shadow'),
    ).not.toContain(engine.token);
    const { body } = await client.call('POST', `${sandbox}/process/execute`, {
      command: 'ls',
      cwd: '/home/user/data',
    });
    expect(body).toMatchObject({ exit_code: 1, stdout: '' });
    await client.call('POST', `${sandbox}/stop`);
    await client.call('POST', `${sandbox}/start`);
    expect(lstatSync(token).isFile()).toBe(true);
  });

  it("no environment of the host's, nor its descriptors, can be read", async () => {
    expect(await tries('env; cat /proc/*/environ | tr "\\0" "\\n"')).not.toMatch(/HOST_SECRET|of the host/);
    const { session } = await client.terminal(sandbox);
    expect(session).toBeTruthy();
    expect(await tries('ls -l /proc/*/fd')).not.toContain(secrets);
    expect(
      await tries('for f in /proc/*/fd/*; do timeout 0.1 head -c 20 $f 2>/dev/null; done'),
    ).not.toContain('of the host');
    expect(readFileSync(join(secrets, 'secret'), 'utf8')).toBe('of the host');
  });

  it("no process of the host can be seen or signalled, nor another sandbox's", async () => {
    const bystander = spawn('sleep', ['888'], { stdio: 'ignore' });
    const other = await client.create();
    await client.run(other, 'sleep 889 >/dev/null 2>&1 &');
    expect(await tries('ps -eo args')).not.toMatch(/88[89]|engine\.js|bwrap/);
    await tries(`kill -9 ${bystander.pid} ${engine.pid} 2>/dev/null; kill -9 -1`);
    expect(bystander.exitCode ?? bystander.signalCode).toBe(null);
    expect(await client.run(other, 'pgrep -fc "[s]leep 889"')).toBe('1\n');
    expect(await client.state(sandbox)).toBe('running');
    bystander.kill();
    await once(bystander, 'exit');
    await client.call('DELETE', other);
  });

  it('process 1 cannot be killed', async () => {
    await tries('kill -9 1; kill -TERM 1; kill -STOP 1');
    expect(await tries('echo alive')).toBe('alive\n');
  });

  it('no capability is held, and none can be gained', async () => {
    expect(await tries('grep -E "^Cap|NoNewPrivs" /proc/self/status')).toMatch(
      /^(Cap\w+:\s0+\n){5}NoNewPrivs:\s1\n$/,
    );
    const gains = [
      'unshare -Ur true',
      'unshare -m true',
      'unshare -U true',
      'mount -o remount,rw /usr',
      'mount -t tmpfs x /tmp',
    ];
    for (const gain of [
      ...gains,
      'umount /usr',
      'mount --bind /tmp /home/user',
      'chroot / true',
      'hostname other',
    ]) {
      expect(await tries(`${gain} 2>/dev/null && echo gained; echo end`), gain).toBe('end\n');
    }
    expect(
      await tries(
        'chown 12345 x 2>/dev/null && echo gained; mknod dev c 1 1 2>/dev/null && echo gained; echo end',
      ),
    ).toBe('end\n');
  });

  it('a terminal has no more power than a command', async () => {
    const screen = await (await client.terminal(sandbox)).prompt();
    await screen.ask('command grep -E "^Cap|NoNewPrivs" /proc/self/status; echo e"n"d', /\nend/);
    expect(screen.text).toMatch(/CapEff:\s0{16}\r\n[^]*CapBnd:\s0{16}\r\n[^]*NoNewPrivs:\s1\r/);
    expect(await screen.ask('unshare -Ur true; echo "<$?>"', /\n<(\d+)>/)).not.toBe('0');
  });

  it('a program that it marks setuid belongs to nobody of the host, in a folder that nobody may enter', async () => {
    await tries('cp /usr/bin/id id; chmod 6755 id');
    const file = join(engine.dataDir, sandbox.replace('/v1/sandbox', 'sandboxes'), 'disk/id');
    expect(existsSync(file)).toBe(true);
    expect(lstatSync(file).uid).not.toBe(0);
    expect(lstatSync(engine.dataDir).mode & 0o077).toBe(0);
    if (who === 'root') expect(readFileSync('/etc/passwd', 'utf8')).not.toContain(`:${lstatSync(file).uid}:`);
  });

  it("the host's loopback and its abstract sockets cannot be reached", async () => {
    const server = createServer((socket) => socket.end('of the host')).listen(0, '127.0.0.1');
    const abstract = createServer((socket) => socket.end('of the host')).listen('\0engine-escape-test');
    await Promise.all([once(server, 'listening'), once(abstract, 'listening')]);
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const dial = (host: string) =>
      tries(`timeout 2 bash -c 'cat < /dev/tcp/${host}/${port}' 2>/dev/null; echo end`);
    for (const host of ['127.0.0.1', '10.0.2.2', 'localhost']) expect(await dial(host), host).toBe('end\n');
    expect(await tries('cat /proc/net/unix')).not.toMatch(/engine/);
    const dialAbstract = `perl -MSocket -e 'socket(S,PF_UNIX,SOCK_STREAM,0); print connect(S,pack("Sa*",AF_UNIX,"\\0engine-escape-test")) ? "in" : "out"'`;
    expect(await tries(dialAbstract)).toBe('out');
    server.close();
    abstract.close();
  });

  it('no network at all is there with deny-all', async () => {
    const other = await client.create({ network_policy: { mode: 'deny-all' } });
    expect(await client.run(other, 'cat /proc/net/dev | tail -n +3 | cut -d: -f1 | tr -d " "')).toBe('lo\n');
    expect(await client.run(other, 'cat /proc/net/route | wc -l')).toBe('1\n');
    await client.call('DELETE', other);
  });

  it('a network is there with allow-all, where the host can give one', async ({ skip }) => {
    const { body } = await client.call('GET', sandbox);
    if (body.network_policy.mode === 'deny-all') expect(body.warnings).toHaveLength(1);
    const outside = Object.values(networkInterfaces()).flat();
    const address = outside.find((each) => each?.family === 'IPv4' && !each.internal)?.address;
    if (!address || body.network_policy.mode === 'deny-all') return skip();
    const server = createServer((socket) => socket.end('of the network')).listen(0, address);
    await once(server, 'listening');
    const listening = server.address();
    const port = typeof listening === 'object' ? listening?.port : undefined;
    expect(await tries(`timeout 5 bash -c 'cat < /dev/tcp/${address}/${port}'`)).toBe('of the network');
    server.close();
  });

  it('processes cannot be exhausted', async () => {
    const other = await client.create();
    const spawnMany =
      '$SIG{CHLD}="IGNORE"; for (1..3000) { my $p = fork; last if !defined $p; if (!$p) { sleep 60; exit } $n++ } print $n';
    const made = Number(await client.run(other, `perl -e '${spawnMany}'`));
    expect(made).toBeGreaterThan(500);
    expect(made).toBeLessThan(1100);
    expect(await tries('echo others are fine')).toBe('others are fine\n');
    expect((await client.call('DELETE', other)).status).toBe(204);
  });

  it('the terminal that the engine was started from is out of reach', async () => {
    expect(await tries('(echo x > /dev/tty) 2>&1')).toMatch(/No such device/);
    expect(await tries('tty; ps -o tty= -p $$')).toBe('not a tty\n?\n');
  });
});
