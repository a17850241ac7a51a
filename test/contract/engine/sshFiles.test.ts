import { randomBytes } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from './client.ts';
import { isRoot } from './hosts.ts';
import { openSsh, type OpenSsh } from './openSsh.ts';
import { dispose, startEngine, removeProgram, type RunningEngine, type StartOptions } from './startEngine.ts';
import { describeForStarters } from './starters.ts';

afterAll(removeProgram);

let engine: RunningEngine;
let client: Client;
let sandbox: string;
let ssh: OpenSsh;

async function open(options: StartOptions): Promise<void> {
  engine = await startEngine(options);
  client = new Client(engine);
  sandbox = await client.create();
  ssh = await openSsh(client, sandbox);
}

async function close(): Promise<void> {
  ssh.dispose();
  await dispose(engine);
}

const ok = { code: 0, stderr: '' };

describeForStarters("files by SSH, with %s's engine", (options) => {
  beforeAll(() => open(options()));
  afterAll(close);

  const bytes = randomBytes(3_000_000);
  const strange = `a b 'c' "d" $(e) ü`;
  const here = (name: string) => join(ssh.folder, name);

  it('are copied there and back by scp', async () => {
    writeFileSync(here(strange), bytes);
    expect(await ssh.run('scp', ['-p', here(strange), `sandbox:/home/user/${strange}`])).toMatchObject(ok);
    expect(await client.run(sandbox, 'stat -c %s *')).toBe(`${bytes.length}\n`);
    expect(await ssh.run('scp', [`sandbox:${strange}`, here('back')])).toMatchObject(ok);
    expect(readFileSync(here('back')).equals(bytes)).toBe(true);
  });

  it('are copied by the older scp as well', async () => {
    writeFileSync(here('old'), bytes);
    expect(await ssh.run('scp', ['-O', here('old'), 'sandbox:old'])).toMatchObject(ok);
    expect(await ssh.run('scp', ['-O', 'sandbox:old', here('old-back')])).toMatchObject(ok);
    expect(readFileSync(here('old-back')).equals(bytes)).toBe(true);
  });

  it('are listed, made, renamed and removed by sftp', async () => {
    const script =
      'pwd\nmkdir made\nput ../etc/hosts x\ncd made\nsymlink ../x link\nrename link other\nls -l\nchmod 600 ../x\nbye\n';
    writeFileSync(here('hosts'), 'of this machine');
    const { code, stdout } = await ssh.run('sftp', ['sandbox'], {
      input: script.replace('../etc/hosts', here('hosts')),
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/\/home\/user\n[^]*other/) });
    expect(await client.run(sandbox, 'cat made/other; stat -c " %a" x')).toBe('of this machine 600\n');
  });

  it('are kept in step by rsync', async () => {
    mkdirSync(here('tree/below'), { recursive: true });
    writeFileSync(here('tree/below/one'), bytes);
    writeFileSync(here('tree/two'), 'two');
    utimesSync(here('tree/two'), 1_000_000, 1_000_000);
    const sync = () => ssh.run('rsync', ['-a', '--delete', '--stats', `${here('tree')}/`, 'sandbox:tree']);
    expect((await sync()).stdout).toMatch(/files transferred: 2/);
    expect(await client.run(sandbox, 'cat tree/two; stat -c " %Y" tree/two')).toBe('two 1000000\n');
    rmSync(here('tree/below'), { recursive: true });
    expect((await sync()).stdout).toMatch(/files transferred: 0/);
    expect(await client.run(sandbox, 'ls tree')).toBe('two\n');
    expect(await ssh.run('rsync', ['-a', 'sandbox:tree/', here('copy')])).toMatchObject(ok);
    expect(statSync(here('copy/two')).mtimeMs).toBe(1_000_000_000);
  });

  it('are cloned and pushed by git', async () => {
    await client.run(sandbox, 'git init -q --bare repo.git');
    const git = (...args: string[]) =>
      ssh.run('git', ['-c', 'user.name=x', '-c', 'user.email=x@example.com', ...args]);
    expect(await git('clone', '-q', 'sandbox:repo.git', here('repo'))).toMatchObject({ code: 0 });
    writeFileSync(here('repo/file'), bytes);
    await git('-C', here('repo'), 'add', 'file');
    await git('-C', here('repo'), 'commit', '-qm', 'file');
    expect(await git('-C', here('repo'), 'push', '-q', 'origin', 'HEAD:main')).toMatchObject({ code: 0 });
    expect(await client.run(sandbox, 'git -C repo.git cat-file -s main:file')).toBe(`${bytes.length}\n`);
  });
});

/** Hides programs from an engine and its jails. */
const without = (...paths: string[]): StartOptions => {
  const hide = paths.map((path) => `mount --bind /dev/null ${path}`).join(' && ');
  return {
    wrapper: ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', `${hide} && exec "$@"`, 'sh'],
  };
};

describe.runIf(isRoot)('a machine that lacks a program', () => {
  const perl = '/usr/bin/perl';
  const sftpServer =
    execFileSync(
      'sh',
      ['-c', 'ls /usr/lib/openssh/sftp-server /usr/libexec/openssh/sftp-server 2>/dev/null || true'],
      { encoding: 'utf8' },
    ).split('\n')[0] ?? '';
  beforeAll(() => open(without(perl, sftpServer)));
  afterAll(close);

  it('says what to install for file transfer, and does the rest', async () => {
    const { code, stderr } = await ssh.run('sftp', ['sandbox']);
    expect({ code, stderr }).toEqual({ code: 255, stderr: expect.stringContaining('openssh-sftp-server') });
    expect((await ssh.ssh('echo fine')).stdout).toBe('fine\n');
  });

  it('says what to install for forwarding where warnings are asked for', async () => {
    expect((await ssh.run('ssh', ['-W', 'localhost:1', 'sandbox'])).code).toBe(255);
    const { warnings } = (await client.call('GET', '/v1/engine')).body;
    expect(warnings.join(' ')).toMatch(/apt install perl[^]*apt install openssh-sftp-server/);
  });
});
