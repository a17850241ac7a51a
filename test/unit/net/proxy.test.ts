import { describe, expect, it } from 'vitest';
import { plainNetwork, type NetworkSettings } from '../../../src/net/network.ts';
import { proxyFor } from '../../../src/net/proxy.ts';

const proxyOf = (url: string, settings: Partial<NetworkSettings>) =>
  proxyFor(new URL(url), { ...plainNetwork.settings(), env: {}, ...settings });

describe('the proxy on the way to a service', () => {
  const env = { HTTPS_PROXY: 'http://secure:1', HTTP_PROXY: 'http://plain:2', ALL_PROXY: 'http://all:3' };

  it.each<[string, string, Partial<NetworkSettings>, string | undefined]>([
    ['is none where none is named', 'https://a.test', {}, undefined],
    ['is that of the setting', 'https://a.test', { proxy: 'http://p:3128' }, 'p:3128'],
    [
      'is that of the setting before all variables',
      'https://a.test',
      { proxy: 'http://p:3128', env },
      'p:3128',
    ],
    ['is HTTPS_PROXY for https', 'https://a.test', { env }, 'secure:1'],
    ['is HTTP_PROXY for http', 'http://a.test', { env }, 'plain:2'],
    ['is HTTPS_PROXY for anything else, such as ssh', 'ssh://a.test:22', { env }, 'secure:1'],
    [
      'is HTTP_PROXY for https, too, where it is alone',
      'https://a.test',
      { env: { HTTP_PROXY: 'p:9' } },
      'p:9',
    ],
    ['is not HTTPS_PROXY for http', 'http://a.test', { env: { HTTPS_PROXY: 'http://p' } }, undefined],
    ['is ALL_PROXY where nothing else is', 'http://a.test', { env: { ALL_PROXY: 'http://all:3' } }, 'all:3'],
    [
      'is that of the lower-case variable first',
      'https://a.test',
      { env: { ...env, https_proxy: 'l:4' } },
      'l:4',
    ],
    ['is not an empty variable', 'https://a.test', { env: { ...env, https_proxy: '' } }, 'secure:1'],
    [
      'is none when proxies are off',
      'https://a.test',
      { proxy: 'http://p', env, useProxy: false },
      undefined,
    ],
    ['may be given without a scheme', 'https://a.test', { proxy: 'p.test:8080' }, 'p.test:8080'],
    ['may be asked by TLS', 'https://a.test', { proxy: 'https://p.test' }, 'p.test'],
    ['is none for this machine itself', 'http://localhost:8080', { proxy: 'http://p' }, undefined],
    ['is none for a loopback address', 'http://127.8.0.1', { proxy: 'http://p' }, undefined],
    ['is none for the loopback address of IPv6', 'http://[::1]:80', { proxy: 'http://p' }, undefined],
  ])('%s', (_, url, settings, expected) => {
    expect(proxyOf(url, settings)?.url.host).toBe(expected);
  });

  it('is named with where it comes from', () => {
    expect(proxyOf('https://a.test', { env })?.source).toBe('the environment variable HTTPS_PROXY');
    expect(proxyOf('https://a.test', { proxy: 'http://p' })?.source).toBe('the setting http.proxy');
  });

  it.each(['socks5://p:1080', 'http://', 'http://us er:hidden-word@p q'])(
    'is never gone around when it cannot be used: %s',
    (proxy) => {
      const open = () => proxyOf('https://a.test', { proxy });
      expect(open).toThrow(
        expect.objectContaining({ kind: 'network', passing: false, advice: expect.any(String) }),
      );
      expect(open).not.toThrow('hidden-word');
    },
  );
});

describe('what is reached without a proxy', () => {
  it.each<[string, string, boolean]>([
    ['*', 'https://a.test', true],
    ['a.test', 'https://a.test', true],
    ['A.Test', 'https://a.test', true],
    ['a.test', 'https://b.a.test', true],
    ['a.test', 'https://ba.test', false],
    ['a.test', 'https://a.test.', true],
    ['.a.test', 'https://b.a.test', true],
    ['.a.test', 'https://a.test', true],
    ['*.a.test', 'https://b.a.test', true],
    ['b.a.test', 'https://a.test', false],
    ['a.test:443', 'https://a.test', true],
    ['a.test:80', 'https://a.test', false],
    ['a.test:80', 'http://a.test', true],
    ['a.test:8443', 'https://a.test:8443', true],
    ['10.1.2.3', 'https://10.1.2.3', true],
    ['10.1.2.3', 'https://10.1.2.4', false],
    ['1.2.3', 'https://10.1.2.3', false],
    ['10.1.2.3:80', 'https://10.1.2.3', false],
    ['10.0.0.0/8', 'https://10.1.2.3', true],
    ['10.0.0.0/8', 'https://11.1.2.3', false],
    ['10.0.0.0/33', 'https://10.1.2.3', false],
    ['10.0.0.0/', 'https://10.1.2.3', false],
    ['10.0.0.0/8', 'https://a.test', false],
    ['fd00::1', 'https://[fd00::1]', true],
    ['FD00:0::1', 'https://[fd00::1]', true],
    ['[fd00::1]', 'https://[fd00::1]', true],
    ['[fd00::1]:443', 'https://[fd00::1]', true],
    ['[fd00::1]:80', 'https://[fd00::1]', false],
    ['fd00::/8', 'https://[fd12::1]', true],
    ['fd00::/8', 'https://[fe00::1]', false],
    ['', 'https://a.test', false],
    ['.', 'https://a.test', false],
    ['http://a.test', 'https://a.test', false],
  ])('%s: %s is %s', (entry, url, direct) => {
    expect(proxyOf(url, { proxy: 'http://p', noProxy: [entry] }) === undefined).toBe(direct);
    expect(proxyOf(url, { env: { ALL_PROXY: 'http://p', NO_PROXY: `x.test, ${entry}` } }) === undefined).toBe(
      direct,
    );
  });

  it('is what the setting says, where it says something, and else the environment', () => {
    const env = { NO_PROXY: 'a.test' };
    expect(proxyOf('https://a.test', { proxy: 'http://p', env })).toBeUndefined();
    expect(proxyOf('https://a.test', { proxy: 'http://p', env, noProxy: ['b.test'] })).toBeDefined();
  });
});

describe("a proxy's credentials", () => {
  const url = 'https://a.test';

  it('become the header, and leave the address', () => {
    const proxy = proxyOf(url, { proxy: 'http://me:p%40ss%20word@p:3128' });
    expect(proxy?.authorization).toBe(`Basic ${Buffer.from('me:p@ss word').toString('base64')}`);
    expect(proxy?.url.href).toBe('http://p:3128/');
  });

  it('are what the setting says before what the address says', () => {
    const proxy = proxyOf(url, { proxy: 'http://me:word@p', proxyAuthorization: 'Bearer ticket' });
    expect(proxy?.authorization).toBe('Bearer ticket');
  });

  it('are all told as secrets, in every spelling', () => {
    const proxy = proxyOf(url, { proxy: 'http://me:p%40ss%ZZword@p' });
    const basic = Buffer.from('me:p%40ss%ZZword').toString('base64');
    expect(proxy?.secrets).toEqual([`Basic ${basic}`, basic, 'p%40ss%ZZword', 'p%40ss%ZZword']);
  });
});
