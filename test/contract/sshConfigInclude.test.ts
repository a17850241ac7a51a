import { existsSync, lstatSync, readlinkSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addInclude } from '../../src/ssh/config/userConfig.ts';
import { sshFolderAt } from '../../src/ssh/folder.ts';
import { Machine } from './sshConfig/machine.ts';

const line = 'Include "~/.ssh/sandbox-explorer/config"';
/** A user's config, with what is easily lost: bytes that are no UTF-8, odd blanks, no last line end. */
const theirs = '# mine \xff\xfe\xe9\nHost work\n\tHostName = work.example \n\n\nHost *\n  User ann';

let machine: Machine;
beforeEach(() => {
  machine = new Machine();
});
afterEach(() => machine.dispose());

const write = (content: string, mode?: number) => machine.writeConfig(content, mode);
const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

/** Adds the line and takes it away again: between the two it is the only thing that is new. */
async function addsAndRemoves(before: string, lineEnd = '\n'): Promise<void> {
  expect(await machine.do('add', {})).toMatchObject({ result: {} });
  expect(machine.read()).toBe(`${line}${lineEnd}${before}`);
  expect(await machine.do('add', {})).toMatchObject({ result: {} });
  expect(machine.read()).toBe(`${line}${lineEnd}${before}`);
  expect((await machine.do('remove', {})).error).toBeUndefined();
  expect(machine.read()).toBe(before);
}

describe('the line in the user’s config', () => {
  it('goes on top, alone, and goes away again byte for byte', async () => {
    write(theirs);
    await addsAndRemoves(theirs);
  });

  it.each([
    ['with CRLF', 'Host a\r\n  User b\r\n', '\r\n'],
    ['without a line end at its end', 'Host a\n  User b', '\n'],
    ['that is empty', '', '\n'],
    ['of blank lines only', '\n\n  \n', '\n'],
    [
      'of 10,000 lines',
      Array.from({ length: 5_000 }, (_, n) => `Host h${n}\n  Port ${n + 1}\n`).join(''),
      '\n',
    ],
  ])('fits a config %s', async (_, before, lineEnd) => {
    write(before);
    await addsAndRemoves(before, lineEnd);
  });

  it('makes the config, and removes the one it made', async () => {
    machine.folder(machine.ssh);
    expect((await machine.do('plan', {})).result).toEqual({
      line,
      name: machine.config,
      file: machine.config,
      exists: false,
      isOnTop: false,
    });
    await machine.do('add', {});
    expect(machine.read()).toBe(`${line}\n`);
    expect(mode(machine.config)).toBe('600');
    expect((await machine.do('plan', {})).result).toMatchObject({ exists: true, isOnTop: true });
    await machine.do('remove', {});
    expect(existsSync(machine.config)).toBe(false);
  });

  it('makes the folder, closed to others', async () => {
    await machine.do('add', {});
    expect(machine.read()).toBe(`${line}\n`);
    for (const folder of [machine.ssh, machine.ours, join(machine.ours, 'config.d')])
      expect(mode(folder)).toBe('700');
    expect(mode(join(machine.ours, 'config'))).toBe('600');
  });

  it('makes the folder of a config elsewhere, closed to others', async () => {
    const configFile = join(machine.home, '.config/ssh/config');
    expect((await machine.do('plan', { configFile })).result).toMatchObject({ exists: false });
    expect(await machine.do('add', { configFile })).toMatchObject({ result: {} });
    expect(machine.read(configFile)).toBe(`${line}\n`);
    expect(mode(join(configFile, '..'))).toBe('700');
    await machine.do('remove', { configFile });
    expect(existsSync(configFile)).toBe(false);
  });

  it('leaves a config that was made for it but is the user’s by now', async () => {
    await machine.do('add', {});
    write(`${line}\nHost mine\n`);
    await machine.do('remove', {});
    expect(machine.read()).toBe('Host mine\n');
  });

  it('is taken out wherever the user has moved it, whatever they have written around it', async () => {
    write(theirs);
    await machine.do('add', {});
    write(`# new\nHost first\n  Port 1\n\n   ${line} \t\nHost last\n  Port 2\n${line}`);
    await machine.do('remove', {});
    expect(machine.read()).toBe('# new\nHost first\n  Port 1\n\nHost last\n  Port 2\n');
  });

  it('is put on top when it only stands below a Host, where it counts for no other', async () => {
    write(`Host work\n  Port 1\n${line}\n`);
    expect((await machine.do('has', {})).result).toBe(false);
    await machine.do('add', {});
    expect(machine.read()).toBe(`${line}\nHost work\n  Port 1\n${line}\n`);
  });

  it.each([
    ['a Host in quotes', '"Host" other\n'],
    ['a Host behind an equals sign', '= Host other\n'],
    ['a Match that does not hold', 'Match exec false\n'],
    ['an Include that is for others', '"Match" host other\n  Include below\nHost last\n'],
  ])('is put on top when ssh does not come across it, below %s', async (_, above) => {
    machine.file(join(machine.ssh, 'below'), `${line}\n`);
    write(`${above}${line}\n`);
    const { result } = await machine.do('open', {});
    expect(result).toMatchObject({
      asked: [machine.config],
      outcome: { reached: true, conflicts: [] },
      command: 'ssh local-web',
    });
    expect(machine.read()).toBe(`${line}\n${above}${line}\n`);
    expect(await machine.options('local-web')).toMatchObject({ user: 'sandbox' });
    expect((await machine.do('open', {})).result).toMatchObject({ asked: [], outcome: { reached: true } });
  });

  it('is offered again as soon as ssh shows that it does not follow another one, as by a folder that is not there', async () => {
    const other = 'Include ~/.ssh/none/../sandbox-explorer/config\n';
    write(other);
    expect((await machine.do('open', {})).result).toMatchObject({ asked: [], outcome: { reached: false } });
    expect((await machine.do('open', {})).result).toMatchObject({
      asked: [machine.config],
      outcome: { reached: true },
    });
    expect(machine.read()).toBe(`${line}\n${other}`);
  });

  it('is neither written nor trusted where ssh does not say that it follows it', async () => {
    const ssh = `#!/bin/sh\n/usr/bin/ssh "$@" 2>"$HOME/said"; code=$?; grep -v Including "$HOME/said" >&2; exit $code\n`;
    machine.file(join(machine.home, 'bin/ssh'), ssh, 0o755);
    const open = async () => {
      const path = ['--setenv', 'PATH', `${machine.home}/bin:/usr/bin:/bin`];
      return JSON.parse((await machine.run(machine.command('open', {}), path)).output);
    };
    write(theirs);
    expect((await open()).error).toMatch(/^ssh would not find .* by our line in .* Nothing was changed/);
    expect(machine.read()).toBe(theirs);
    write(`${line}\n${theirs}`);
    expect(await open()).toMatchObject({ result: { asked: [], outcome: { reached: false } } });
    expect(machine.read()).toBe(`${line}\n${theirs}`);
  });

  it.each([
    'Include ~/.ssh/sandbox-explorer/config',
    'include=sandbox-explorer/config',
    '\tINCLUDE "sandbox-explorer/config"  # by hand',
    'Include work/*.conf ~/.ssh/sandbox-explorer/config',
  ])('is not put beside a user’s own such as %s', async (own) => {
    write(`# managed\n${own}\nHost a\n`);
    expect((await machine.do('has', {})).result).toBe(true);
    expect((await machine.do('open', {})).result).toMatchObject({ asked: [], outcome: { reached: true } });
    expect((await machine.do('open', {})).result).toMatchObject({ asked: [], outcome: { reached: true } });
    expect(machine.read()).toBe(`# managed\n${own}\nHost a\n`);
  });

  it('leaves the permissions of the config alone', async () => {
    write(theirs, 0o644);
    await addsAndRemoves(theirs);
    expect(mode(machine.config)).toBe('644');
  });

  it.runIf(process.getuid?.() === 0)('leaves everything to its user when root adds it for them', async () => {
    write(theirs, 0o640);
    await addInclude(sshFolderAt(machine.ours), machine.config);
    const { uid, gid } = statSync(machine.home);
    for (const path of [
      machine.config,
      machine.ours,
      join(machine.ours, 'config'),
      join(machine.ours, 'config.d'),
    ]) {
      expect(statSync(path)).toMatchObject({ uid, gid });
    }
    expect(mode(machine.config)).toBe('640');
    expect((await machine.do('put', { sandboxes: ['web'] })).result?.names).toEqual({ web: 'local-web' });
  });
});

describe('a config that runs a program of the user’s', () => {
  const ran = () =>
    existsSync(join(machine.home, 'ran')) ? machine.read(join(machine.home, 'ran')).length : 0;
  const program = () => `Match exec "printf x >> '${machine.home}/ran'"\n  Compression yes\n`;
  const other = (key: string) => ({
    key,
    accountId: 'a',
    account: 'A',
    sandbox: key,
    kind: 'proxy' as const,
  });

  it.each([
    ['that has no line yet', ''],
    ['that has the line', `${line}\n`],
  ])('%s runs it once for a first sandbox, for a second, and for one that is known', async (_, above) => {
    machine.file(machine.config, `${above}${program()}`);
    await machine.do('put', { sandboxes: above === '' ? [] : ['old'] });
    for (const key of ['one', 'two', 'two']) {
      const before = ran();
      const { result } = await machine.do('open', { sandbox: other(key) });
      expect(result).toMatchObject({
        host: `a-${key}`,
        outcome: { kind: 'read', reached: true, conflicts: [] },
        command: `ssh a-${key}`,
      });
      expect(ran() - before).toBe(1);
    }
  });

  it('runs it again where a rule above the line has to be compared with the new entry', async () => {
    machine.file(machine.config, `Host a-*\n  User ann\nMatch all\n${line}\n${program()}`);
    await machine.do('put', { sandboxes: ['old'] });
    const before = ran();
    const { result } = await machine.do('open', { sandbox: other('web') });
    expect(result).toMatchObject({ asked: [], outcome: { conflicts: [{ option: 'user', actual: 'ann' }] } });
    expect(ran() - before).toBe(2);
  });

  it('finds a host of the user’s that has the name, and takes the next', async () => {
    machine.file(machine.config, `"Host" a-web\n  Port 1\n${program()}`);
    expect((await machine.do('open', { sandbox: other('web') })).result).toMatchObject({
      host: 'a-web-2',
      outcome: { reached: true, conflicts: [] },
    });
    expect(await machine.options('a-web')).toMatchObject({ port: '1' });
    expect(ran()).toBe(3);
  });
});

describe('a config behind symbolic links', () => {
  const dotfiles = () => machine.folder(join(machine.home, 'dot files'));

  it('is written where they lead, and they stay', async () => {
    const target = machine.file(join(dotfiles(), 'ssh-config'), Buffer.from(theirs, 'latin1'));
    machine.folder(machine.ssh);
    symlinkSync('../dot files/second', machine.config);
    symlinkSync(target, join(dotfiles(), 'second'));
    expect((await machine.do('plan', {})).result).toMatchObject({ file: target });
    await addsAndRemoves(theirs);
    expect(readlinkSync(machine.config)).toBe('../dot files/second');
    expect(lstatSync(join(dotfiles(), 'second')).isSymbolicLink()).toBe(true);
  });

  it('is found through a linked folder', async () => {
    const real = machine.folder(join(dotfiles(), 'deep/ssh'));
    symlinkSync(real, machine.ssh);
    machine.file(join(dotfiles(), 'deep/common'), 'Host a\n');
    symlinkSync('../common', machine.config);
    await addsAndRemoves('Host a\n');
    expect(machine.read(join(dotfiles(), 'deep/common'))).toBe('Host a\n');
  });

  it('is made where a dangling link leads, and the link dangles again afterwards', async () => {
    machine.folder(machine.ssh);
    symlinkSync(join(dotfiles(), 'none'), machine.config);
    await machine.do('add', {});
    expect(machine.read(join(dotfiles(), 'none'))).toBe(`${line}\n`);
    await machine.do('remove', {});
    expect(existsSync(join(dotfiles(), 'none'))).toBe(false);
    expect(lstatSync(machine.config).isSymbolicLink()).toBe(true);
  });
});

describe('a machine without ssh', () => {
  const withoutSsh = ['--setenv', 'PATH', '/nowhere'];

  it('gets the line for the editors that bring their own, and is told that it is unchecked', async () => {
    write(theirs);
    const { output } = await machine.run(machine.command('add', {}), withoutSsh);
    expect(JSON.parse(output).result.unchecked).toContain('no ssh program');
    expect(machine.read()).toBe(`${line}\n${theirs}`);
  });
});
