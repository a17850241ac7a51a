import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { NetworkSettings } from '../../../src/net/network.ts';
import { clientOf, get, good, networkOf, schema } from './testClient.ts';
import { TestAuthority, type Identity } from './testAuthority.ts';
import { TestServers } from './testServers.ts';

const servers = new TestServers();
const authority = new TestAuthority();
const stranger = new TestAuthority();
let identity: Identity;

beforeAll(() => {
  identity = authority.issue('DNS:sandbox.test,DNS:localhost,IP:127.0.0.1');
  setDefaultCACertificates([...getCACertificates('default'), authority.cert]);
});
afterEach(() => servers.close());
afterAll(() => {
  authority.dispose();
  stranger.dispose();
});

/** Asks an HTTPS service with this identity, by the way that the settings say. */
async function ask(service: Identity, settings: Partial<NetworkSettings> = {}, host = '127.0.0.1') {
  const { port } = await servers.http((_, response) => response.end(good), service);
  const { http } = clientOf({ origin: `https://${host}:${port}` }, { network: networkOf(settings) });
  return http.json(schema, get);
}

describe('TLS', () => {
  it.each(['127.0.0.1', 'localhost'])(
    'is trusted when its CA is, by address and by name: %s',
    async (host) => {
      await expect(ask(identity, {}, host)).resolves.toEqual({ name: 'n' });
    },
  );

  it.each<[string, () => Identity, RegExp, RegExp]>([
    [
      'of an unknown CA',
      () => stranger.issue('IP:127.0.0.1'),
      /^The certificate of 127\.0\.0\.1:\d+ comes from an authority that this machine does not trust \(UNABLE/,
      /NODE_EXTRA_CA_CERTS/,
    ],
    [
      'made out to another host',
      () => authority.issue('DNS:other.test'),
      /^The certificate of 127\.0\.0\.1:\d+ is made out to another name/,
      /^Check the address/,
    ],
    [
      'that has expired',
      () => authority.issue('IP:127.0.0.1', -1),
      /^The certificate of 127\.0\.0\.1:\d+ has expired/,
      /clock/,
    ],
  ])('with a certificate %s is refused, saying why and what to do', async (_, issue, message, advice) => {
    await expect(ask(issue())).rejects.toMatchObject({
      kind: 'network',
      message: expect.stringMatching(message),
      advice: expect.stringMatching(advice),
    });
    await expect(ask(issue(), { strictSsl: false })).resolves.toEqual({ name: 'n' });
  });

  it('is not expected from a service that does not speak it', async () => {
    const { port } = await servers.http((_, response) => response.end(good));
    const { http } = clientOf({ origin: `https://127.0.0.1:${port}` });
    await expect(http.json(schema, get)).rejects.toMatchObject({
      kind: 'network',
      message: expect.stringContaining('speaks another protocol'),
    });
  });

  it.each([
    ['NODE_EXTRA_CA_CERTS', true, 'ok'],
    ['NODE_EXTRA_CA_CERTS', false, 'ok'],
    // On Linux the operating system's CAs are those of this file.
    ['SSL_CERT_FILE', true, 'ok'],
    ['SSL_CERT_FILE', false, 'refused'],
  ])(
    'trusts the CAs of %s, where the system is trusted (%s): %s',
    async (variable, systemCertificates, expected) => {
      const { port } = await servers.http((_, response) => response.end(good), identity);
      const program = `
      import { dial } from ${JSON.stringify(join(import.meta.dirname, '../../../src/net/dial.ts'))};
      import { plainNetwork } from ${JSON.stringify(join(import.meta.dirname, '../../../src/net/network.ts'))};
      const settings = () => ({ ...plainNetwork.settings(), systemCertificates: ${systemCertificates} });
      const done = (word) => { console.log(word); process.exit(); };
      dial({ origin: 'https://127.0.0.1:${port}' }, { ...plainNetwork, settings })
        .then(() => done('ok'), (error) => done(/not trust/.test(error) ? 'refused' : error));`;
      const args = [
        '--disable-warning=MODULE_TYPELESS_PACKAGE_JSON',
        '--input-type=module',
        '--eval',
        program,
      ];
      const { stdout } = await promisify(execFile)(process.execPath, args, {
        env: { [variable]: authority.file },
      });
      expect(stdout.trim()).toBe(expected);
    },
  );
});
