import { describe, expect, it } from 'vitest';
import {
  checkKeyHeader,
  checkKeyText,
  checkSandboxDomain,
  checkServiceUrl,
} from '../../../src/sandboxes/accountInput.ts';
import { checkRequest, checkSnapshotName } from '../../../src/sandboxes/createInput.ts';
import { readVariables } from '../../../src/sandboxes/envInput.ts';
import {
  checkCidr,
  checkDomain,
  checkHeaderName,
  checkHeaderValue,
  checkNetwork,
  splitList,
} from '../../../src/sandboxes/networkInput.ts';
import type { CustomPolicy, NetworkPolicy } from '../../../src/sandboxes/networkPolicy.ts';
import { ScriptedProvider } from './scriptedProvider.ts';

describe('variables that are typed', () => {
  it.each<[string, string, Record<string, string>]>([
    [
      'one to a line, with comments and empty lines',
      '# c\nA=1\n\nB=two words # c\n',
      { A: '1', B: 'two words' },
    ],
    ['from a Windows file', '\uFEFFA=1\r\nB=2\r\n', { A: '1', B: '2' }],
    ['as a shell has them', 'export A=1\nexport B="x y"', { A: '1', B: 'x y' }],
    ['in quotes', `A="x # y"\nB='$HOME'\nC="l1\\nl2"`, { A: 'x # y', B: '$HOME', C: 'l1\nl2' }],
    [
      'over several lines',
      'KEY="-----BEGIN\nabc\n\n-----END"\nB=2',
      { KEY: '-----BEGIN\nabc\n\n-----END', B: '2' },
    ],
    ['in quotes of another kind', 'A=`it\'s "x"`\nB=it\'s', { A: `it's "x"`, B: "it's" }],
    ['with escaped quotes', String.raw`A="say \"x\"" # c`, { A: String.raw`say \"x\"` }],
    ['as YAML has them', 'A: 1', { A: '1' }],
    ['with = in them', 'URL=https://u@h/?a=b&c=d\nE=', { URL: 'https://u@h/?a=b&c=d', E: '' }],
    ['twice, of which the last counts', 'A=1\nA=1\nA=2', { A: '2' }],
    ['not at all', '', {}],
  ])('are read %s', (_, text, variables) => {
    expect(readVariables(text)).toEqual({ variables, errors: [], cut: [] });
  });

  it.each<[string, string[]]>([
    ['A=1\nhello\nB=2', ['line 2']],
    ['\uFEFFhello\r\nA=1\r\n=x', ['line 1', 'line 3']],
    ['A="x\nhello"\nworld', ['line 3']],
    ['1A=x', ['env.1A']],
    ['a-b=x\nc.d=y', ['env.a-b', 'env.c.d']],
    ['A="x\0y"', ['env.A']],
    ['A="open\nB=2', ['line 1']],
    [`A='x' y\nB=\`open\nC="l1\nl2"\nhello`, ['line 1', 'line 2', 'line 5']],
    ['A=\n"x"\nB:\nC=1', ['line 2', 'line 3']],
  ])('are not passed over in silence when they are none: %j', (text, fields) => {
    expect(readVariables(text).errors.map(({ field }) => field)).toEqual(fields);
  });

  it.each<[string, Record<string, string>, string[]]>([
    ['A=a#b\nB=2', { A: 'a', B: '2' }, ['A']],
    ['A=#b', { A: '' }, ['A']],
    ['A="a"#b', { A: 'a' }, ['A']],
    ['A=a#b #c\nexport B=http://h/#top\n', { A: 'a', B: 'http://h/' }, ['A', 'B']],
    ['A=a#b\nA=a', { A: 'a' }, []],
    ['A=a\nA=a#b', { A: 'a' }, ['A']],
    ['A=a # c\nB= # c\nC=\t#c\n#D=a#b', { A: 'a', B: '', C: '' }, []],
    ['A="a#b"\nB=\'a#b\'\nC=`a#b` # c', { A: 'a#b', B: 'a#b', C: 'a#b' }, []],
  ])('are named when a # cuts their value that may be part of it: %j', (text, variables, cut) => {
    expect(readVariables(text)).toEqual({ variables, errors: [], cut });
  });

  it('may have any name that a process can be given', () => {
    const { variables, errors } = readVariables('__proto__=x\nconstructor=y');
    expect(errors).toEqual([]);
    expect(Object.entries(variables)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
  });

  it.each<[string, (count: number) => string]>([
    ['lines that are none', (count) => 'this is no variable\n'.repeat(count)],
    ['quotation marks that are not closed', (count) => `A="x\nB='y\n`.repeat(count)],
    ['escaped quotation marks', (count) => `A="${'\\" '.repeat(count)}\n`],
    ['nothing but new lines', (count) => '\n'.repeat(20 * count)],
    ['nothing but blanks', (count) => `A=${' '.repeat(20 * count)}'x`],
    ['a long value of many lines', (count) => `A="${'in it\n'.repeat(count)}"`],
  ])('are read in a time that grows as the text does: %s', (_, textOf) => {
    const timeOf = (count: number) => {
      const text = textOf(count);
      const start = performance.now();
      readVariables(text);
      return performance.now() - start;
    };
    timeOf(1_000);
    const least = (count: number) => Math.min(...Array.from({ length: 5 }, () => timeOf(count)));
    // Sixteen times the text, and not two hundred and fifty-six times the time, with room for a busy machine.
    expect(least(16_000)).toBeLessThan(80 * Math.max(least(1_000), 0.2));
  });
});

describe('a domain', () => {
  it.each(['api.example.com', '*.example.com', 'EXAMPLE.com', 'x1-y.co', `${'a'.repeat(63)}.com`])(
    'may be %s',
    (domain) => expect(checkDomain(domain)).toBeUndefined(),
  );

  it.each([
    '',
    'localhost',
    '*',
    '*.com',
    'a.*.com',
    'http://example.com',
    'example.com:443',
    'example.com/x',
    '-a.com',
    'a-.com',
    'a..com',
    '.example.com',
    'example.com.',
    'exa mple.com',
    'müller.de',
    '10.0.0.1',
    '::1',
    `${'a'.repeat(64)}.com`,
    `${'a.'.repeat(130)}com`,
  ])('may not be %j', (domain) => expect(checkDomain(domain)).toContain(JSON.stringify(domain)));
});

describe('a network', () => {
  it.each(['10.0.0.0/24', '0.0.0.0/0', '1.2.3.4/32', 'fd00::/8', '::/0', '::1/128'])('may be %s', (cidr) =>
    expect(checkCidr(cidr)).toBeUndefined(),
  );

  it.each([
    '10.0.0.0',
    '10.0.0.0/33',
    '10.0.0/8',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0.0/',
    '/8',
    'fd00::/129',
    'fe80::1%eth0/64',
    'example.com/8',
    ' 10.0.0.0/8',
    '10.0.0.0/8x',
    '010.0.0.0/8',
  ])('may not be %j', (cidr) => expect(checkCidr(cidr)).toContain('is no network'));
});

describe('a header', () => {
  it('has a name of the right characters', () => {
    for (const name of ['X-Api-Key', 'authorization', '_x']) expect(checkHeaderName(name)).toBeUndefined();
    for (const name of ['', 'X Key', 'X:Key', 'X\r\nY', 'Schlüssel'])
      expect(checkHeaderName(name)).toBeDefined();
  });

  it('has a value on one line, which no error repeats', () => {
    expect(checkHeaderValue('Bearer sk-1 2')).toBeUndefined();
    for (const value of ['', ' secret', 'secret\r\nX: y', 'secret\0', 'secret ☃']) {
      expect(checkHeaderValue(value)).not.toContain('secret');
    }
  });
});

describe('a network policy', () => {
  const limits = { custom: { allowDomains: 50, allowCidrs: 10, transforms: 20 } };
  const fieldsOf = (policy: NetworkPolicy, within: typeof limits | object | undefined = limits) =>
    checkNetwork(policy, within).map(({ field }) => field);
  const transform = { domain: 'a.test', stripHeaders: ['X-Debug'] };

  it('may hold as much as the service allows, and not more', () => {
    const policy = (extra: number): CustomPolicy => ({
      mode: 'custom',
      allowDomains: Array.from({ length: 50 + extra }, (_, index) => `a${index}.test`),
      allowCidrs: Array.from({ length: 10 + extra }, (_, index) => `10.0.${index}.0/24`),
      transforms: Array.from({ length: 20 + extra }, () => transform),
    });
    expect(checkNetwork(policy(0), limits)).toEqual([]);
    expect(checkNetwork(policy(1), limits)).toEqual([
      { field: 'network.allowDomains', error: 'There are 51, and there may be 50.' },
      { field: 'network.allowCidrs', error: 'There are 11, and there may be 10.' },
      { field: 'network.transforms', error: 'There are 21, and there may be 20.' },
    ]);
  });

  it('names every field that is wrong', () => {
    const wrong: CustomPolicy = {
      mode: 'custom',
      allowDomains: ['a.test', 'b'],
      allowCidrs: ['10.0.0.0'],
      transforms: [
        transform,
        { domain: 'c', injectHeaders: { 'X Y': 'v', 'X-Key': 'a\nb' }, stripHeaders: [''] },
        { domain: 'd.test' },
      ],
    };
    expect(fieldsOf(wrong)).toEqual([
      'network.allowDomains',
      'network.allowCidrs',
      'network.transforms[1].domain',
      'network.transforms[1].injectHeaders',
      'network.transforms[1].injectHeaders',
      'network.transforms[1].stripHeaders',
      'network.transforms[2]',
    ]);
  });

  it('is what the service has', () => {
    expect(fieldsOf({ mode: 'deny-all' }, {})).toEqual([]);
    expect(fieldsOf({ mode: 'custom' }, {})).toEqual(['network.mode']);
    expect(checkNetwork({ mode: 'deny-all' }, undefined)).toMatchObject([{ field: 'network' }]);
  });

  it('is checked with the rest of a request', () => {
    const { createLimits } = new ScriptedProvider();
    const request = {
      template: createLimits.templates[0] ?? '',
      vcpu: createLimits.vcpu.default,
      memoryMib: createLimits.memoryMib.default,
      timeoutMinutes: createLimits.timeoutMinutes.default,
      autoPause: true,
    };
    const network = { mode: 'custom', allowDomains: ['x'] } as const;
    const errors = checkRequest(
      { ...request, env: { '1': 'x' }, network },
      { ...createLimits, network: limits },
    );
    expect(errors.map(({ field }) => field)).toEqual(['env.1', 'network.allowDomains']);
  });

  it('may be typed in any order of commas, blanks and lines', () => {
    expect(splitList(' a.test, b.test\nc.test,,a.test ')).toEqual(['a.test', 'b.test', 'c.test']);
    expect(splitList(' ')).toEqual([]);
  });
});

describe("a snapshot's name", () => {
  it('is one line that is not too long', () => {
    for (const name of ['warm', ' two words ', 'x'.repeat(64)])
      expect(checkSnapshotName(name, 64)).toBeUndefined();
    for (const name of ['', ' ', 'a\nb', 'x'.repeat(65)]) {
      expect(checkSnapshotName(name, 64)).toBe("A snapshot's name has 1 to 64 characters on one line.");
    }
  });
});

describe('an account', () => {
  it.each([
    'https://api.leap0.dev',
    ' https://api.leap0.dev/ ',
    'https://10.0.0.1:8443',
    'http://localhost:8080',
    'http://127.0.0.1:1',
    'http://[::1]:1',
  ])('may be at %s', (url) => expect(checkServiceUrl(url)).toBeUndefined());

  it.each([
    '',
    'api.leap0.dev',
    'ftp://api.leap0.dev',
    'http://api.leap0.dev',
    'http://127.0.0.1.evil.test',
    'https://user@api.leap0.dev',
    'https://:password@api.leap0.dev',
    'https://api.leap0.dev/v1',
    'https://api.leap0.dev?x',
    'https://api.leap0.dev#x',
  ])('may not be at %j', (url) => expect(checkServiceUrl(url)).toMatch(/^(Type|The address)/));

  it('has sandboxes below a domain', () => {
    for (const domain of ['sandbox.leap0.dev', ' localhost '])
      expect(checkSandboxDomain(domain)).toBeUndefined();
    for (const domain of ['', 'https://x.y', 'x.y/z', 'x:1', '@x'])
      expect(checkSandboxDomain(domain)).toBeDefined();
  });

  it('has a key of printable characters', () => {
    for (const key of ['sk-1', ' sk_1 ']) expect(checkKeyText(key)).toBeUndefined();
    for (const key of ['', ' ', 'a b', 'a\nb', 'ä']) expect(checkKeyText(key)).toBeDefined();
  });

  it('sends its key in a header that no request needs for itself', () => {
    for (const name of ['Authorization', ' leap0-authorization ', 'X-API-Key', 'Cookie', 'x.y~z'])
      expect(checkKeyHeader(name)).toBeUndefined();
    for (const name of ['', ' ', 'a b', 'a:', 'a\nb', 'ä', '(a)'])
      expect(checkKeyHeader(name)).toContain('is no name of a header');
    const needed =
      'Host Content-Length content-type Transfer-Encoding connection TE Upgrade Sec-WebSocket-Key ' +
      'Proxy-Authorization Accept Accept-Encoding Expect';
    for (const name of needed.split(' ')) expect(checkKeyHeader(name)).toContain('for itself');
  });
});
