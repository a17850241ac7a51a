import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Machine } from './sshConfig/machine.ts';

const line = 'Include "~/.ssh/sandbox-explorer/config"';
const theirs = 'Host work\n\tHostName = work.example \n';

let machine: Machine;
beforeEach(() => {
  machine = new Machine();
});
afterEach(() => machine.dispose());

const write = (content: string, mode?: number) => machine.writeConfig(content, mode);

/** Everything refuses, says why and what to do, and changes nothing. */
async function refuses(reason: string | RegExp, before?: string): Promise<void> {
  for (const deed of ['plan', 'add'] as const) {
    const { error } = await machine.do(deed, {});
    expect(error).toMatch(reason);
    expect(error).toContain(line);
  }
  if (before !== undefined) expect(machine.read()).toBe(before);
}

describe('a config that cannot be found', () => {
  it('is refused behind a link to a folder that is not there, as on a disk that is not mounted', async () => {
    machine.folder(machine.ssh);
    symlinkSync('/nowhere/config', machine.config);
    await refuses('it is a link to /nowhere/config, which is not there');
  });

  it('is refused behind links that lead round in a circle', async () => {
    machine.folder(machine.ssh);
    symlinkSync('other', machine.config);
    symlinkSync('config', join(machine.ssh, 'other'));
    await refuses('in a circle');
  });
});

describe('a config that is not to be written', () => {
  it('is not taken for an empty one when it cannot be read', async () => {
    write(theirs, 0o000);
    await refuses('you are not allowed to');
    expect((await machine.do('has', {})).result).toBe(false);
    expect((await machine.do('remove', {})).error).toContain('you are not allowed to');
    chmodSync(machine.config, 0o600);
    expect(machine.read()).toBe(theirs);
  });

  it('stays as it is when it is read-only', async () => {
    write(theirs, 0o400);
    await refuses('it is read-only', theirs);
    write(`${line}\n`, 0o400);
    expect((await machine.do('remove', {})).error).toContain('it is read-only');
    expect(machine.read()).toBe(`${line}\n`);
  });

  it('stays as it is in a folder that is read-only', async () => {
    write(theirs);
    machine.folder(machine.ours);
    machine.folder(machine.ssh, 0o500);
    const { error } = await machine.do('add', {});
    expect(error).toContain('you are not allowed to');
    expect(machine.read()).toBe(theirs);
  });

  it.runIf(process.getuid?.() === 0)('stays as it is when it is another user’s', async () => {
    machine.folder(machine.ssh);
    const other = join(dirname(machine.home), 'theirs');
    mkdirSync(other);
    chmodSync(other, 0o777);
    machine.file(join(other, 'config'), theirs, 0o666);
    await machine.run(['true']);
    chownSync(join(other, 'config'), 12_345, 12_345);
    symlinkSync(join(other, 'config'), machine.config);
    await refuses('it belongs to another user');
  });

  it.runIf(process.getuid?.() === 0)('stays as it is when its group is none of the user’s', async () => {
    write(theirs);
    chownSync(machine.config, statSync(machine.config).uid, 0);
    const { error } = await machine.do('add', {});
    expect(error).toContain(
      'it belongs to somebody else, or to a group that you are not in. Nothing was changed.',
    );
    expect(machine.read()).toBe(theirs);
  });

  it('stays as it is when it has a second name', async () => {
    write(theirs);
    linkSync(machine.config, join(machine.ssh, 'second'));
    await refuses('hard link', theirs);
  });

  it('stays as it is when it is no file', async () => {
    machine.folder(machine.config);
    await refuses('it is no ordinary file');
    expect(lstatSync(machine.config).isDirectory()).toBe(true);
  });

  it('stays a link to /dev/null', async () => {
    machine.folder(machine.ssh);
    symlinkSync('/dev/null', machine.config);
    await refuses('it is no ordinary file');
    expect(readlinkSync(machine.config)).toBe('/dev/null');
  });

  it.each([
    ['UTF-8', '\xef\xbb\xbfHost a\n'],
    ['UTF-16', '\xff\xfeH\0o\0s\0t\0 \0a\0\n\0'],
  ])('stays as it is with a byte order mark of %s, with which ssh reads it neither', async (_, broken) => {
    write(broken);
    expect((await machine.run(['ssh', '-G', 'a'])).code).not.toBe(0);
    await refuses('byte order mark', broken);
  });

  it('stays as it is when ssh cannot read it anyway, with ssh’s own reason', async () => {
    write('Host a\n  Prot 22\n');
    const { error, kind } = await machine.do('open', {});
    expect(kind).toBe('invalid');
    expect(error).toMatch(/config: line 2: Bad configuration option: prot.* Nothing was changed/);
    expect(machine.read()).toBe('Host a\n  Prot 22\n');
  });

  it('is reported, too, when it has the line, and then no command relies on it', async () => {
    write(`${line}\nHost a\n  Prot 22\n`);
    expect((await machine.do('open', {})).result).toMatchObject({
      asked: [],
      outcome: { kind: 'refused', reason: expect.stringContaining('Bad configuration option: prot') },
      command: expect.stringMatching(/^ssh -F '.*sandbox-explorer\/config' local-web$/),
    });
  });

  it('stays as it is when our own hosts would break it', async () => {
    write(theirs);
    machine.file(join(machine.ours, 'config.d/other'), 'Prot 22\n');
    const { error } = await machine.do('add', {});
    expect(error).toMatch(/config\.d\/other: line 1: Bad configuration option: prot/);
    expect(machine.read()).toBe(theirs);
  });
});
