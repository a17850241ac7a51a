import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import * as pty from 'node-pty';
import { describe, expect, it } from 'vitest';
import { host as name, outcomeOf } from './sshHost.ts';
import { sharedEngineHost } from './sharedEngineHost.ts';

const there = await sharedEngineHost();
const { host } = there;

const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const megabytes = (count: number) => randomBytes(count * 1024 * 1024);

/** Whether a process with exactly this command line runs in the sandbox. */
const runs = async (command: string) => (await there.run(`pgrep -fxc '${command}' || true`)).trim() !== '0';

describe('a command by ssh', () => {
  it('runs, and says nothing of its own', async () => {
    expect(await host.ssh('true')).toEqual({ code: 0, stdout: Buffer.alloc(0), stderr: '' });
  });

  it.each([7, 255])('gives back its exit code %d', async (code) => {
    expect(await host.ssh(`exit ${code}`)).toMatchObject({ code, stderr: '' });
  });

  it('tells of a signal that ended it', async () => {
    const { code, stderr } = await host.ssh('kill -TERM $$', '', { options: ['-v'] });
    expect(code).toBe(255);
    expect(stderr).toContain('rtype exit-signal');
  });

  it('keeps its two outputs apart', async () => {
    const { stdout, stderr } = await host.ssh('echo out; echo err >&2');
    expect([stdout.toString(), stderr]).toEqual(['out\n', 'err\n']);
  });

  it('gets 5 MB through, both ways, unchanged', async () => {
    const bytes = megabytes(5);
    const { stdout, code } = await host.ssh('cat', bytes);
    expect([code, hash(stdout)]).toEqual([0, hash(bytes)]);
  });

  it('gets 5 MB through while keys are exchanged again and again', async () => {
    const bytes = megabytes(5);
    const { stdout, code } = await host.ssh('cat', bytes, { options: ['-o', 'RekeyLimit=256K'] });
    expect([code, hash(stdout)]).toEqual([0, hash(bytes)]);
  });

  it('still answers after its input has ended', async () => {
    const { stdout } = await host.ssh('cat >/dev/null; sleep 0.5; echo late', 'input');
    expect(stdout.toString()).toBe('late\n');
  });

  it('gets its variables', async () => {
    const { stdout } = await host.ssh('echo $LC_MINE', '', {
      env: { LC_MINE: 'yours' },
      options: ['-o', 'SendEnv=LC_MINE'],
    });
    expect(stdout.toString()).toBe('yours\n');
  });

  it('gets all output out before its exit code, and loses neither', async () => {
    const each = await Promise.all(
      Array.from({ length: 8 }, (_, code) => host.ssh(`head -c 300000 /dev/zero; exit ${code}`)),
    );
    expect(each.map(({ code, stdout }) => [code, stdout.length])).toEqual(
      Array.from({ length: 8 }, (_, code) => [code, 300_000]),
    );
  });

  it('may be long', async () => {
    const word = 'x'.repeat(30_000);
    const { stdout } = await host.ssh(`printf %s ${word}`);
    expect(stdout.toString()).toBe(word);
  });
});

describe('a terminal by ssh', () => {
  function terminal(...options: string[]) {
    const ssh = pty.spawn('ssh', [...host.args(['-tt', ...options]), name], {
      cols: 90,
      rows: 30,
      name: 'xterm-256color',
      env: { PATH: process.env['PATH'] ?? '', TERM: 'xterm-256color' },
    });
    let text = '';
    ssh.onData((data) => (text += data));
    const ended = new Promise<number>((resolve) => ssh.onExit(({ exitCode }) => resolve(exitCode)));
    const shows = (what: string | RegExp) => expect.poll(() => text).toMatch(what);
    const type = (line: string) => {
      text = '';
      ssh.write(`${line}\r`);
    };
    return { ssh, ended, shows, type };
  }

  it('has the size of the window, and follows it', async () => {
    const { ssh, ended, shows, type } = terminal();
    await shows(/\$ $/);
    type('stty size; echo $TERM');
    await shows(/^30 90\r\nxterm-256color\r$/m);
    ssh.resize(132, 43);
    type('sleep 0.3; stty size');
    await shows(/^43 132\r$/m);
    type('exit 3');
    expect(await ended).toBe(3);
  });

  it('ends a command with Ctrl+C', async () => {
    const { ssh, ended, shows, type } = terminal();
    await shows(/\$ $/);
    type('sleep 4711');
    await expect.poll(() => runs('sleep 4711')).toBe(true);
    ssh.write('\u0003');
    await expect.poll(() => runs('sleep 4711')).toBe(false);
    type('exit');
    expect(await ended).toBe(130);
  });
});

describe('a client that is killed', () => {
  it('leaves no process behind, here or there', async () => {
    const ssh = host.startSsh('exec sleep 4712');
    await expect.poll(() => runs('sleep 4712')).toBe(true);
    expect(host.proxies()).toHaveLength(1);
    ssh.kill('SIGKILL');
    await expect.poll(() => host.proxies()).toEqual([]);
    await expect.poll(() => runs('sleep 4712')).toBe(false);
  });

  it('leaves none in the middle of much output', async () => {
    const ssh = host.startSsh('exec yes 4713');
    ssh.stdout?.pause();
    await expect.poll(() => runs('yes 4713')).toBe(true);
    ssh.kill('SIGKILL');
    await expect.poll(() => host.proxies()).toEqual([]);
    await expect.poll(() => runs('yes 4713')).toBe(false);
  });
});

it('a reader that is slow is waited for, and what it has not read does not pile up', async () => {
  const ssh = host.startSsh('head -c 200M /dev/zero');
  ssh.stdout?.pause();
  await expect.poll(() => host.proxies()).toHaveLength(1);
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const [pid] = host.proxies();
  const { stdout } = await host.run('ps', ['-o', 'rss=', '-p', String(pid)]);
  expect(Number(stdout) / 1024).toBeLessThan(180);
  let count = 0;
  ssh.stdout?.on('data', (chunk: Buffer) => (count += chunk.length));
  ssh.stdout?.resume();
  const [code] = await once(ssh, 'close');
  expect([code, count]).toEqual([0, 200 * 1024 * 1024]);
});

it('connects a hundred times in a row', { timeout: 180_000 }, async () => {
  for (let nth = 0; nth < 100; nth++) {
    const { code, stdout, stderr } = await outcomeOf(host.startSsh(`echo ${nth}`));
    expect([code, stdout.toString(), stderr]).toEqual([0, `${nth}\n`, '']);
  }
  await expect.poll(() => host.proxies()).toEqual([]);
});
