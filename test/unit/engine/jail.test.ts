import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { quote } from '../../../src/common/shell.ts';
import { bootEnvironment, environmentErrors, runScript } from '../../../src/engine/jail/bootScript.ts';
import { descendantLevels, parseStat, type ProcessTable } from '../../../src/engine/jail/processTable.ts';
import { jailRefused } from '../../../src/engine/jail/refusal.ts';
import { findTools, limitsProcessesPerJail } from '../../../src/engine/jail/tools.ts';

describe('what is said when a jail cannot be made', () => {
  /** With AppArmor's restriction in force, as on every Ubuntu since 24.04. */
  const explained = (words: string) => jailRefused(`bwrap: ${words}\n`, true).message;

  const denials = [
    'setting up uid map: Permission denied',
    'loopback: Failed RTM_NEWADDR: Operation not permitted',
    'No permissions to create new namespace, likely because the kernel does not allow non-privileged user namespaces.',
    // An older spelling of bubblewrap's.
    'No permissions to creating new namespace, likely because the kernel does not allow …',
  ];

  it.each(denials)('names AppArmor where it restricts user namespaces, with both ways out: %s', (words) => {
    const { status, message } = jailRefused(`bwrap: ${words}\n`, true);
    expect(status).toBe(503);
    expect(message).toContain(`AppArmor does not let bubblewrap make a jail (${words})`);
    expect(message).toContain('/etc/apparmor.d/bwrap');
    expect(message).toContain('kernel.apparmor_restrict_unprivileged_userns=0');
  });

  it.each(denials)('names user namespaces where AppArmor does not restrict them: %s', (words) => {
    const { message } = jailRefused(`bwrap: ${words}\n`, false);
    expect(message).toContain('Allow user namespaces');
    expect(message).not.toContain('AppArmor');
  });

  it('names the masks of a container', () => {
    const message = explained("Can't mount proc on /newroot/proc: Operation not permitted");
    expect(message).toMatch(/parts of \/proc are masked .*systempaths=unconfined.*unmask=ALL/);
  });

  it.each([
    'Creating new namespace failed: nesting depth or /proc/sys/user/max_*_namespaces exceeded (ENOSPC)',
    'Creating new namespace failed: No space left on device',
  ])('names the limit of namespaces: %s', (words) => {
    expect(explained(words)).toContain('user.max_user_namespaces=');
  });

  it('names the limit of processes', () => {
    expect(explained('Creating new namespace failed: Resource temporarily unavailable')).toContain(
      'does not let you start more processes',
    );
  });

  it.each([
    "Can't mkdir parents for /x/y: Permission denied",
    "Can't mkdir /newroot/x: No space left on device",
    'execvp x: Permission denied',
    "Can't find source path /x: No such file or directory",
    "Can't mount tmpfs on /newroot/tmp: Operation not permitted",
    'Failed to make / slave: Permission denied',
    'Creating new namespace failed: Cannot allocate memory',
  ])("repeats bubblewrap's own reason otherwise: %s", (words) => {
    expect(explained(`a warning\nbwrap: ${words}`)).toBe(`bubblewrap could not make a jail: ${words}.`);
  });

  it('says so when bubblewrap gives no reason', () => {
    expect(jailRefused('', true).message).toContain('without a message');
  });

  it('names the program that is missing and its package', () => {
    expect(() => findTools(['/nonexistent'])).toThrow(/"bwrap".*sudo apt install bubblewrap/s);
  });
});

it.each([
  ['6.18.44-generic', true],
  ['5.14.0', true],
  ['5.13.19-amd64', false],
  ['4.19.0', false],
])('on Linux %s the limit of processes is per jail: %s', (kernel, expected) => {
  expect(limitsProcessesPerJail(kernel)).toBe(expected);
});

describe('the way into a jail', () => {
  const values = ['', 'plain', `'`, `'"$HOME\`id\`\\`, 'two\nlines\n', '-n', 'ünï', '\u0001', `a'b'c`];

  it.each(values)('hands over %j as it is', (value) => {
    const env = bootEnvironment({
      env: { VALUE: value },
      cwd: '/',
      exec: 'printenv VALUE',
      cwdOptional: false,
    });
    expect(execFileSync('/bin/sh', ['-c', runScript], { env, encoding: 'utf8' })).toBe(`${value}\n`);
    expect(execFileSync('/bin/sh', ['-c', `printf %s ${quote(value)}`], { encoding: 'utf8' })).toBe(value);
  });

  it('leaves no trace of itself', () => {
    const env = bootEnvironment({ env: {}, cwd: '/usr', exec: 'env', cwdOptional: false });
    expect(execFileSync('/bin/sh', ['-c', runScript], { env, encoding: 'utf8' })).not.toContain('SANDBOX');
  });

  it('refuses more than a process can be given', () => {
    const spec = { env: { A: 'x'.repeat(130_000) }, cwd: '/', exec: 'true', cwdOptional: false };
    expect(() => bootEnvironment(spec)).toThrow(/too long/);
  });

  it('refuses names that are none', () => {
    expect(
      environmentErrors('envs', { GOOD_1: 'x', '1BAD': 'x', 'A;rm': 'x', '': 'x' }).map(({ field }) => field),
    ).toEqual(['envs.1BAD', 'envs.A;rm', 'envs.']);
  });
});

describe('the table of processes', () => {
  it('is read whatever a program calls itself', () => {
    const rest = '4 5 6 34816 -1 4194304 0 0';
    expect(parseStat(7, `7 (a) R 1 (b) S ${rest}`)).toEqual({
      pid: 7,
      name: 'a) R 1 (b',
      state: 'S',
      parent: 4,
      group: 5,
      session: 6,
      foreground: -1,
    });
    expect(parseStat(7, 'nonsense')).toBeUndefined();
  });

  it('puts parents before their children, leaves the dead out, and looks below them', () => {
    const entry = (pid: number, parent: number, state = 'S') =>
      [pid, { pid, name: 'x', parent, group: pid, session: pid, foreground: -1, state }] as const;
    const table: ProcessTable = new Map([
      entry(9, 3),
      entry(2, 1),
      entry(3, 2, 'Z'),
      entry(4, 2),
      entry(5, 8),
    ]);
    const pids = descendantLevels(table, [2, 99]).map((level) => level.map(({ pid }) => pid));
    expect(pids).toEqual([[2], [4], [9]]);
  });
});
