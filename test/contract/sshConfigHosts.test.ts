import { chmodSync, existsSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Host } from '../../src/ssh/config/fragment.ts';
import { fragmentOf, host, putHosts, settled } from './sshConfig/hosts.ts';
import { Machine } from './sshConfig/machine.ts';

let machine: Machine;
beforeEach(() => {
  machine = new Machine();
});
afterEach(() => machine.dispose());

const put = (hosts: readonly Host[], editor?: string) => putHosts(machine, hosts, editor);
const fragment = (editor?: string) => fragmentOf(machine, editor);
const hostsIn = (editor?: string) => machine.read(fragment(editor)).match(/^Host .+$/gm) ?? [];

/** A user's config that has an opinion about everything. */
const opinions = `
  User corp
  IdentityAgent ~/agent.sock
  ForwardAgent yes
  ForwardX11 yes
  PermitLocalCommand yes
  LocalCommand touch /tmp/oops
  RemoteCommand tmux attach
  StrictHostKeyChecking no
  UserKnownHostsFile /dev/null
  UpdateHostKeys yes
  HostKeyAlias everything
  ProxyJump bastion
  ProxyCommand corp-proxy %h
  PreferredAuthentications publickey,password
  ProxyUseFdpass yes
  CanonicalizeHostname always
  RequestTTY force
  ClearAllForwardings yes
`;

describe('an entry', () => {
  it.each([
    ['Host *', `Host *${opinions}`],
    ['Match all', `Match all${opinions}`],
    ['options for everyone', opinions],
  ])('settles what it depends on, whatever the user says under %s', async (_, theirs) => {
    machine.file(machine.config, theirs);
    await machine.do('add', {});
    expect(await put([host()])).toEqual(['local-web-1']);
    const options = await machine.options('local-web-1');
    expect(options).toMatchObject({
      ...settled,
      hostkeyalias: 'local-web-1',
      userknownhostsfile: join(machine.ours, 'known_hosts'),
      proxycommand: `"${join(machine.ours, 'bin/1/ssh-proxy')}" local-web-1`,
    });
    expect(options).not.toHaveProperty('proxyjump');
    expect(options).not.toHaveProperty('remotecommand');
    expect((await machine.do('conflicts', { host: 'local-web-1' })).result).toEqual({
      kind: 'read',
      reached: true,
      conflicts: [],
    });
  });

  it('changes nothing for the user’s other hosts', async () => {
    machine.file(machine.config, `Host work\n  Port 1\nHost *${opinions}`);
    const before = await machine.options('work');
    await machine.do('add', {});
    await put([host()]);
    expect(await machine.options('work')).toEqual(before);
  });

  it('is for this user’s eyes alone, and is so again after somebody has opened it', async () => {
    await machine.do('add', {});
    await put([host()]);
    const files = [fragment(), join(machine.ours, 'config')];
    for (const file of files) chmodSync(file, 0o666);
    chmodSync(join(machine.ours, 'config.d'), 0o777);
    expect((await machine.run(['ssh', '-G', 'any'])).errors).toContain('Bad owner or permissions');
    expect(await put([host()])).toEqual(['local-web-1']);
    for (const file of files) expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(machine.ours, 'config.d')).mode & 0o777).toBe(0o700);
    expect(await machine.options('local-web-1')).toMatchObject(settled);
  });

  it('tells people which sandbox it is, in a line that nothing gets out of', async () => {
    await machine.do('add', {});
    const evil = 'web\n  ProxyCommand evil\r\nHost *\u2028\u0085Match all\u0000 \u202e"%h" $& $$ \'x\' 日本';
    await put([host({ sandbox: evil, account: 'A\nB', template: 'debian\n12' })]);
    const [, comment] = /\n(# .*)\nHost/.exec(machine.read(fragment())) ?? [];
    expect(Buffer.from(comment ?? '', 'latin1').toString()).toMatch(
      /^# web .*日本, account A B, template debian 12$/,
    );
    expect(hostsIn()).toHaveLength(1);
    expect((await machine.options('any')).proxycommand).toBeUndefined();
    expect(machine.read(fragment()).match(/ProxyCommand/g)).toHaveLength(2);
  });

  it('is written without an ssh program, and said to be unchecked', async () => {
    const { output } = await machine.run(machine.command('put', { hosts: [host()] }), [
      '--setenv',
      'PATH',
      '/nowhere',
    ]);
    expect(JSON.parse(output).result.unchecked).toContain('no ssh program');
    expect(hostsIn()).toEqual(['Host local-web-1']);
  });
});

describe('the name of a host', () => {
  it('stays when its sandbox or its account gets another one', async () => {
    await put([host()]);
    expect(await put([host({ sandbox: 'renamed', account: 'Mine' })])).toEqual(['local-web-1']);
    expect(machine.read(fragment())).toContain('# renamed, account Mine\nHost local-web-1\n');
  });

  it('is nobody else’s: not another sandbox’s, another editor’s, nor a host of the user’s own', async () => {
    machine.file(join(machine.ssh, 'work/one.conf'), '"Host" other "Local-Web-1-2"\n');
    machine.file(
      machine.config,
      'Host job\n  Port 1\nInclude work/*.conf\nHost *-7 !local-web-1-4 LOCAL-WEB-1-3\n',
    );
    const twins = [host(), host({ key: 'local/sbx-2' })];
    expect(await put(twins)).toEqual(['local-web-1', 'local-web-1-4']);
    expect(await put(twins, 'cursor')).toEqual(['local-web-1-5', 'local-web-1-6']);
    expect(await put(twins)).toEqual(['local-web-1', 'local-web-1-4']);
  });

  it('is none that another config has which includes our hosts, as the editor’s own', async () => {
    const configFile = machine.file(join(machine.home, 'editors config'), 'Host local-web-1\n  Port 1\n');
    await machine.do('add', { configFile });
    expect(await put([host()])).toEqual(['local-web-1-2']);
  });

  it('is one that every program can be told, whatever people call things', async () => {
    const names = [
      '$&',
      '$$',
      '%h',
      '"quoted"',
      "it's",
      'a b',
      'new\nline',
      '-oProxyCommand=x',
      '../../etc',
      '日本',
      '',
    ];
    const long = 'x'.repeat(500);
    const hosts = [...names, long].map((sandbox) =>
      host({ key: `local/${sandbox}`, sandbox, account: 'Café ☕ Zoë' }),
    );
    const chosen = await put(hosts);
    expect(new Set(chosen).size).toBe(hosts.length);
    for (const name of chosen) expect(name).toMatch(/^cafe-zoe-[a-z0-9]+(-[a-z0-9]+)*$/);
    for (const name of chosen) expect(name.length).toBeLessThanOrEqual(40);
    expect(hostsIn()).toEqual(chosen.map((name) => `Host ${name}`));
  });
});

describe('hosts', () => {
  const three = [
    host(),
    host({ key: 'local/sbx-2', sandbox: 'db' }),
    host({ key: 'cloud/1', accountId: 'cloud' }),
  ];

  it('go when their sandbox is deleted, and their credentials with them', async () => {
    await put(three);
    const access = machine.file(join(machine.ours, 'access/local-db.json'), '{}');
    await machine.do('drop', { sandboxes: ['local/sbx-2'] });
    expect(hostsIn()).toEqual(['Host local-web-1', 'Host local-web-1-2']);
    expect(existsSync(access)).toBe(false);
  });

  it('of one editor are none of another’s business', async () => {
    await put([host()], 'code');
    await put([host({ key: 'local/sbx-2' })], 'cursor');
    await machine.do('drop', { editor: 'cursor', sandboxes: ['local/sbx-1', 'local/sbx-2'] });
    expect(hostsIn('cursor')).toEqual([]);
    expect(hostsIn('code')).toEqual(['Host local-web-1']);
  });

  it('start the new version after an update of their editor; another editor’s start theirs', async () => {
    await put([host()], 'code');
    await put([host()], 'cursor');
    const commands = (editor: string) => machine.read(fragment(editor)).match(/bin\/\d/g);
    await machine.do('put', { editor: 'code', version: '2' });
    expect(commands('code')).toEqual(['bin/2']);
    expect(commands('cursor')).toEqual(['bin/1']);
    await machine.do('drop', { editor: 'code', sandboxes: ['local/sbx-1'], version: '1' });
    await put([host({ key: 'new' })], 'cursor');
    expect(commands('cursor')).toEqual(['bin/1', 'bin/1']);
  });

  it('keep the version that they start; what none has started for a month goes', async () => {
    const version = (name: string, ageDays: number) => {
      const launcher = machine.file(join(machine.ours, 'bin', name, 'ssh-proxy'), '');
      const at = Date.now() / 1000 - ageDays * 86_400;
      utimesSync(join(launcher, '..'), at, at);
    };
    await machine.do('put', { hosts: [host()], editor: 'cursor', version: '2' });
    for (const name of ['1', '2', '3']) version(name, 31);
    version('4', 29);
    machine.file(join(machine.ours, 'bin/runtimes'), '/usr/bin/node\n');
    await machine.do('put', { hosts: [host()], editor: 'code', version: '3' });
    expect(readdirSync(join(machine.ours, 'bin')).toSorted()).toEqual(['2', '3', '4', 'runtimes']);
  });

  it('are not looked at, nor a folder made, when none is to be taken away', async () => {
    await machine.do('drop', { sandboxes: ['local/sbx-1'] });
    expect(existsSync(machine.ssh)).toBe(false);
  });

  it('are not dropped when somebody has damaged the list of them', async () => {
    await put(three);
    const before = machine.read(fragment());
    machine.file(join(machine.ours, 'hosts/code.json'), '{');
    const { error } = await machine.do('put', { hosts: [host({ key: 'new' })] });
    expect(error).toMatch(/hosts\/code\.json is damaged\. Delete it/);
    expect(machine.read(fragment())).toBe(before);
  });

  it('are refused when ssh would not read them, and the old ones stay', async () => {
    await put([host()]);
    const before = machine.read(fragment());
    const ssh = machine.file(
      join(machine.home, 'bin/ssh'),
      '#!/bin/sh\necho "$3: line 3: Bad thing" >&2; exit 255\n',
      0o755,
    );
    const path = `${join(ssh, '..')}:/usr/bin:/bin`;
    const command = machine.command('put', { hosts: [host({ key: 'new' })] });
    const { output } = await machine.run(command, ['--setenv', 'PATH', path]);
    expect(JSON.parse(output).error).toContain('Bad thing');
    expect(machine.read(fragment())).toBe(before);
  });
});

it('leaves a name to the editor that has it, although its list cannot be read', async () => {
  await put([host()], 'cursor');
  const list = join(machine.ours, 'hosts/cursor.json');
  machine.file(list, machine.read(list).replace('"kind": "proxy"', '"kind": "newer"'));
  expect(await put([host({ key: 'local/another' })], 'code')).toEqual(['local-web-1-2']);
});
