import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fragmentOf, host, putHosts, settled } from './sshConfig/hosts.ts';
import { Machine } from './sshConfig/machine.ts';
import { root } from '../tools/paths.mts';

let machine: Machine;
beforeEach(() => {
  machine = new Machine();
});
afterEach(() => machine.dispose());

describe('removing everything', () => {
  it('leaves nothing of us, and the user’s config as it was', async () => {
    machine.file(machine.config, 'Host work\n');
    const second = machine.file(join(machine.home, 'second config'), 'Host more\r\n');
    await machine.do('add', {});
    await machine.do('add', { configFile: second });
    await putHosts(machine, [host()]);
    expect((await machine.do('removeEverything', { editors: ['code'] })).result).toEqual([]);
    expect(machine.read()).toBe('Host work\n');
    expect(machine.read(second)).toBe('Host more\r\n');
    expect(existsSync(machine.ours)).toBe(false);
  });

  it('leaves the hosts of another editor, and says so', async () => {
    await machine.do('add', {});
    await putHosts(machine, [host()], 'code');
    await putHosts(machine, [host()], 'cursor');
    const access = machine.file(join(machine.ours, 'access/local-web-1.json'), '{}');
    const { result } = await machine.do('removeEverything', { editors: ['code'] });
    expect(result).toEqual(['cursor']);
    expect(existsSync(fragmentOf(machine))).toBe(false);
    expect(existsSync(access)).toBe(false);
    expect(await machine.options('local-web-1-2')).toMatchObject(settled);
    expect((await machine.do('removeEverything', { editors: ['cursor'] })).result).toEqual([]);
    expect(existsSync(machine.ours)).toBe(false);
    expect(existsSync(machine.config)).toBe(false);
  });

  it('does not wait for an editor that is itself gone', async () => {
    await machine.do('add', {});
    await putHosts(machine, [host()], 'code');
    await machine.do('put', { hosts: [host()], editor: 'gone', extensions: '/nowhere/extensions' });
    expect((await machine.do('removeEverything', { editors: ['code'] })).result).toEqual([]);
    expect(existsSync(machine.ours)).toBe(false);
  });

  it('leaves the hosts of another editor whose list it cannot read, as a newer version’s', async () => {
    await machine.do('add', {});
    await putHosts(machine, [host()], 'code');
    await putHosts(machine, [host()], 'cursor');
    const list = join(machine.ours, 'hosts/cursor.json');
    machine.file(list, readFileSync(list, 'utf8').replace('"kind": "proxy"', '"kind": "newer"'));
    const { result } = await machine.do('removeEverything', { editors: ['code'] });
    expect(result).toEqual(['cursor']);
    expect(await machine.options('local-web-1-2')).toMatchObject(settled);
  });

  it('makes nothing where nothing was', async () => {
    expect((await machine.do('removeEverything', { editors: ['code'] })).result).toEqual([]);
    expect(existsSync(machine.ssh)).toBe(false);
  });

  it('takes the credentials of an editor along whose own list is damaged', async () => {
    await putHosts(machine, [host()], 'code');
    await putHosts(machine, [host()], 'cursor');
    const [ours, others] = ['local-web-1', 'local-web-1-2'].map((name) =>
      machine.file(join(machine.ours, 'access', `${name}.json`), '{}'),
    );
    machine.file(join(machine.ours, 'hosts/code.json'), '{');
    expect((await machine.do('removeEverything', { editors: ['code'] })).result).toEqual(['cursor']);
    expect([ours, others].map((file = '') => existsSync(file))).toEqual([false, true]);
  });

  it('leaves the keys that another editor uses without any hosts, and says so', async () => {
    await machine.do('keyPair', { editor: 'cursor' });
    await putHosts(machine, [host()], 'code');
    expect((await machine.do('removeEverything', { editors: ['code'] })).result).toEqual(['cursor']);
    expect(existsSync(join(machine.ours, 'id_ed25519'))).toBe(true);
  });

  it('is finished by whoever writes next, when it was cut off', async () => {
    machine.file(`${machine.ours}.removed/id_ed25519`, 'private');
    await putHosts(machine, [host()]);
    expect(readdirSync(machine.ssh)).toEqual(['sandbox-explorer']);
  });

  it('keeps the folder for another try when the config cannot be written', async () => {
    machine.file(machine.config, 'Host work\n');
    await machine.do('add', {});
    await putHosts(machine, [host()]);
    chmodSync(machine.config, 0o400);
    const { error } = await machine.do('removeEverything', { editors: ['code'] });
    expect(error).toMatch(/it is read-only\. You can take this line out of it yourself: Include/);
    chmodSync(machine.config, 0o600);
    expect((await machine.do('removeEverything', { editors: ['code'] })).result).toEqual([]);
    expect(machine.read()).toBe('Host work\n');
  });
});

describe('removing everything while other editors write', () => {
  it('takes nothing away that they were told is written, in 12 rounds of each', async () => {
    machine.file(machine.config, 'Host work\n');
    const editors = ['code', 'cursor', 'codium'];
    const answers = editors.map((editor) => machine.do('settleAndLeave', { editor, rounds: 12 }));
    for (const { error } of await Promise.all(answers)) expect(error).toBeUndefined();
    expect(machine.read()).toBe('Host work\n');
    expect(readdirSync(machine.ssh)).toEqual(['config']);
  });
});

describe('uninstalling', () => {
  const install = (editor: string) => {
    const extensions = machine.folder(join(machine.home, editor, 'extensions'));
    const program = join(extensions, 'sandbox-explorer.sandbox-explorer-0.1.0/dist/uninstall.js');
    machine.file(program, readFileSync(join(root, 'dist/uninstall.js')));
    return { extensions, program };
  };
  /** As an editor does it. */
  const uninstall = (program: string) =>
    machine.run([process.execPath, program, '--type=extensionUninstall']);

  it('removes the hosts of its editor, and with the last one everything', async () => {
    machine.file(machine.config, 'Host work\n');
    await machine.do('add', {});
    const [code, cursor] = [install('code'), install('cursor')];
    await machine.do('put', { hosts: [host()], editor: 'code', extensions: code.extensions });
    await machine.do('put', { hosts: [host()], editor: 'cursor', extensions: cursor.extensions });
    expect(await uninstall(code.program)).toEqual({ code: 0, output: '', errors: '' });
    expect(existsSync(fragmentOf(machine, 'code'))).toBe(false);
    expect(await machine.options('local-web-1-2')).toMatchObject(settled);
    expect(await uninstall(cursor.program)).toEqual({ code: 0, output: '', errors: '' });
    expect(existsSync(machine.ours)).toBe(false);
    expect(machine.read()).toBe('Host work\n');
  });

  it('removes the keys of an editor that has used nothing else, and not those that another one uses', async () => {
    const [code, cursor] = [install('code'), install('cursor')];
    await machine.do('keyPair', { editor: 'code', extensions: code.extensions });
    expect(await uninstall(cursor.program)).toEqual({ code: 0, output: '', errors: '' });
    expect(existsSync(join(machine.ours, 'id_ed25519'))).toBe(true);
    expect(await uninstall(code.program)).toEqual({ code: 0, output: '', errors: '' });
    expect(readdirSync(machine.ssh)).toEqual([]);
  });

  it('removes what a crash has left that belongs to no editor', async () => {
    machine.file(join(machine.ours, 'id_ed25519'), 'private');
    expect(await uninstall(install('code').program)).toEqual({ code: 0, output: '', errors: '' });
    expect(readdirSync(machine.ssh)).toEqual([]);
  });

  it('touches nothing of a user who never used SSH', async () => {
    const { program } = install('code');
    expect(await uninstall(program)).toEqual({ code: 0, output: '', errors: '' });
    expect(existsSync(machine.ssh)).toBe(false);
  });

  it('says what it could not do', async () => {
    const { extensions, program } = install('code');
    await machine.do('add', {});
    await machine.do('put', { hosts: [host()], extensions });
    chmodSync(machine.config, 0o400);
    const { code, errors } = await uninstall(program);
    expect(code).toBe(1);
    expect(errors).toMatch(/^Sandbox Explorer: Could not change .*config: it is read-only\. You can take/);
  });
});
