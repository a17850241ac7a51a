import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { shellWord } from '../../../src/ssh/terminalCommand.ts';
import { Machine } from '../sshConfig/machine.ts';

let machine: Machine;
let host: string;

beforeEach(async () => {
  machine = new Machine();
  machine.file(machine.config, 'Host other\n  HostName 192.0.2.1\n');
  host = Object.values((await machine.do('put', { sandboxes: ['box'] })).result?.names ?? {})[0] ?? '';
});
afterEach(() => machine.dispose());

const command = async (configFile = machine.config) =>
  (await machine.do('command', { host, configFile })).result ?? '';

/** What `ssh` would start, when the user's shell runs the command with `-G` in it. */
const proxyOf = async (line: string) =>
  (await machine.run(['/bin/sh', '-c', line.replace(/^ssh/, 'ssh -G')])).output.match(
    /^proxycommand .*$/m,
  )?.[0];

describe('the command to type', () => {
  it('is `ssh HOST` as soon as the line is in the config that ssh reads', async () => {
    await machine.do('add', {});
    expect(await command()).toBe(`ssh ${host}`);
    expect(await proxyOf(await command())).toContain('ssh-proxy');
  });

  it('names our own config while the user wants no line in theirs', async () => {
    expect(await command()).toBe(`ssh -F ${shellWord(join(machine.ours, 'config'))} ${host}`);
    expect(await proxyOf(await command())).toContain('ssh-proxy');
  });

  it('names the config that has the line, where ssh would not look for it', async () => {
    const other = machine.file(join(machine.home, "zoë's configs/work"), '');
    await machine.do('add', { configFile: other });
    expect(await command(other)).toBe(`ssh -F ${shellWord(other)} ${host}`);
    expect(await proxyOf(await command(other))).toContain('ssh-proxy');
  });

  it('is `ssh HOST`, too, where the config that ssh reads includes the one with the line', async () => {
    const other = machine.file(join(machine.ssh, 'work'), '');
    await machine.do('add', { configFile: other });
    machine.file(machine.config, 'Include work\n');
    expect(await command(other)).toBe(`ssh ${host}`);
  });

  it('quotes a path for the shells of each system', () => {
    expect(shellWord('/home/a/.ssh/config')).toBe('/home/a/.ssh/config');
    expect(shellWord("/home/a b/it's $HOME")).toBe(String.raw`'/home/a b/it'\''s $HOME'`);
    expect(shellWord('C:\\Users\\A B\\.ssh\\config', 'win32')).toBe('"C:\\Users\\A B\\.ssh\\config"');
  });
});
