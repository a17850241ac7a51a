import { describe, expect, it } from 'vitest';
import {
  checkFolder,
  checkSessionId,
  checkShell,
  checkVariable,
  isShell,
  parseVariable,
} from '../../../src/sandboxes/sessionInput.ts';

describe('what is typed for a new terminal', () => {
  it('is an absolute folder, or none', () => {
    for (const right of ['', ' ', '/', '/home/user', ' /tmp ', '/a b/ü']) {
      expect(checkFolder(right), right).toBeUndefined();
    }
    for (const wrong of ['home', './x', '~', '~/x', 'C:\\', '/x\0']) {
      expect(checkFolder(wrong), wrong).toContain('absolute');
    }
  });

  it('is a shell by a path that means nothing else to a shell', () => {
    for (const right of ['/bin/sh', '/usr/local/bin/bash-5.2', '/opt/g++/x_y', ' /bin/sh ']) {
      expect(checkShell(right), right).toBeUndefined();
    }
    const wrongs = [
      '',
      'bash',
      '/',
      '/bin/',
      '/bin/sh -c x',
      '/bin/$(id)',
      '/bin/`id`',
      '/bin/sh;id',
      "/bin/'",
    ];
    for (const wrong of [...wrongs, '/bin/sh\nid', '/bin/~', '/bin/*', '/bin/\u0007', '/bin/ſh']) {
      expect(checkShell(wrong), wrong).toBeDefined();
    }
    expect([isShell('/bin/sh'), isShell('/bin/sh\r'), isShell(' /bin/sh')]).toEqual([true, false, false]);
  });

  it('is a variable with its value as it is', () => {
    for (const right of ['', 'A=', 'A=b=c', '_x1=  spaced ', ' A=1']) {
      expect(checkVariable(right), right).toBeUndefined();
    }
    for (const wrong of ['A', '=x', '1A=x', 'A B=x', 'Ä=x', 'A-B=x', 'A=\0']) {
      expect(checkVariable(wrong), wrong).toBeDefined();
    }
    expect(parseVariable(' A=b=c ')).toEqual(['A', 'b=c ']);
    expect(parseVariable('A=')).toEqual(['A', '']);
  });

  it('is an ID that is not taken, and within the length', () => {
    const check = (id: string) => checkSessionId(id, 128, new Set(['mine']));
    for (const right of ['', 'a', 'agent-1', '1.2_3', 'a'.repeat(128), 'mine2']) {
      expect(check(right), right).toBeUndefined();
    }
    expect(check('a'.repeat(129))).toContain('at most 128');
    expect(check('mine')).toContain('already');
    expect(check(' mine ')).toContain('already');
    for (const wrong of ['.', '..', '-a', 'a/b', 'a b', 'ä']) expect(check(wrong), wrong).toBeDefined();
  });
});
