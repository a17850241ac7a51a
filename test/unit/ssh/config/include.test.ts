import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { includeLine, includes, withInclude, withoutInclude } from '../../../../src/ssh/config/include.ts';
import { parseLine } from '../../../../src/ssh/config/words.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'include-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

describe('the line', () => {
  it.each(['plain', 'a b', `it's`, 'say "hi"', 'a*b?[c]{d}', 'tab#hash', 'ünï', '~', "'"])(
    'leads ssh to a folder called %s, and back again',
    (name) => {
      const path = join(folder, name);
      mkdirSync(path);
      writeFileSync(join(path, 'config'), 'Host here\n  User found\n', { mode: 0o600 });
      for (const target of [join(path, 'config'), join(path, '*')]) {
        const config = join(folder, 'user');
        writeFileSync(config, withInclude('', target), 'latin1');
        const output = execFileSync('ssh', ['-G', '-F', config, 'here'], { encoding: 'utf8', stdio: 'pipe' });
        expect(/^user (.*)$/m.exec(output)?.[1]).toBe('found');
      }
      const target = join(path, 'config');
      expect(includes(withInclude('Host a\n', target), target)).toBe(true);
      expect(withoutInclude(withInclude('Host a\n', target), target)).toBe('Host a\n');
    },
  );

  it('is the same on every machine when the folder is in the home', () => {
    vi.stubEnv('HOME', userInfo().homedir);
    expect(includeLine(join(homedir(), '.ssh/sandbox-explorer/config'))).toBe(
      'Include "~/.ssh/sandbox-explorer/config"',
    );
  });

  it('names the folder in full where the environment has another home than the system', () => {
    vi.stubEnv('HOME', folder);
    expect(includeLine(join(folder, '.ssh/ours/config'))).toBe(`Include "${folder}/.ssh/ours/config"`);
  });

  it.each(['new\nline', 'back\\slash', '100%', '${HOME}', '\u007f'])('refuses a folder called %j', (name) => {
    expect(() => includeLine(`/${name}/config`)).toThrow('An SSH config cannot name the folder');
  });
});

describe('a line of a config', () => {
  // As `ssh` reads them: `ssh -G` shows the words of SendEnv one by one.
  it.each([
    'SendEnv a b  c',
    'sendenv=a',
    '\tSendEnv = a b',
    'SendEnv "a b" c',
    `SendEnv 'a b' "it's" 'say "x"'`,
    'SendEnv "a\\"b" c\\ d a\\\\b',
    'SendEnv a #b c',
    'SendEnv a#b "#c"',
    'SendEnv a\r',
    'SendEnv a\f',
    'SENDENV a',
    '"SendEnv" a',
    '\t"SendEnv"\ta',
    'Send"Env" a',
    '"SendEnv"a',
    '=SendEnv a',
    ' = SendEnv a',
    '"" SendEnv a',
    'SendEnv\ra',
    'SendEnv a\rb',
    'SendEnv a\vb',
  ])('has the words that ssh finds in %j', (line) => {
    const config = join(folder, 'config');
    writeFileSync(config, `${line}\n`);
    const output = execFileSync('ssh', ['-G', '-F', config, 'x'], { encoding: 'utf8', stdio: 'pipe' });
    const words = output.split('\n').flatMap((each) => /^sendenv ([^\n]*)$/.exec(each)?.[1] ?? []);
    expect(words.length).toBeGreaterThan(0);
    expect(parseLine(line)).toEqual({ keyword: 'sendenv', args: words });
  });

  it.each([
    ['"Host" other', 'other'],
    ['"Host"=other', '=other'],
    ['"Host" = other', 'other'],
    ['Host==other', '=other'],
    ['Host = other', 'other'],
    ['HOST\t=\tother # x', 'other'],
  ])('begins with the hosts that ssh finds in %j', (line, host) => {
    const config = join(folder, 'config');
    writeFileSync(config, `${line}\n  User found\n`);
    const output = execFileSync('ssh', ['-G', '-F', config, host], { encoding: 'utf8', stdio: 'pipe' });
    expect(output).toMatch(/^user found$/m);
    expect(parseLine(line)).toMatchObject({ keyword: 'host', args: expect.arrayContaining([host]) });
  });

  it.each(['', '   ', '# Include x', '\t#', '"#" Include x', '"SendEnv a'])('says nothing in %j', (line) => {
    writeFileSync(join(folder, 'config'), `${line}\n`);
    execFileSync('ssh', ['-G', '-F', join(folder, 'config'), 'x'], { stdio: 'pipe' });
    expect(parseLine(line)).toBeUndefined();
  });
});
