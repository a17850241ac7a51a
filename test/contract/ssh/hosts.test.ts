import { appendFileSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { plainNetwork } from '../../../src/net/network.ts';
import { accessFile } from '../../../src/ssh/folder.ts';
import { writeNetwork } from '../../../src/ssh/networkFile.ts';
import { make, ours } from './faulty.ts';
import { host as name, outcomeOf } from './sshHost.ts';

describe('credentials', () => {
  it('that are refused, and that nobody can renew, are explained', async (test) => {
    const { server, host } = await make(test);
    await host.setAccess({ password: 'a wrong password' });
    const { code, stderr } = await host.ssh('true');
    expect(code).toBe(255);
    expect(ours(stderr)).toEqual([
      `Sandbox Explorer, ${name}: 127.0.0.1:${server.port} refused the SSH access. ` +
        'Open an editor window with Sandbox Explorer, which renews the SSH access, and try again.',
    ]);
    expect(server.tries).toBe(1);
  });

  it.for([
    ['have expired', -1],
    ['expire in less than two minutes', 110_000],
  ] as const)('that %s are not even tried', async ([, left], test) => {
    const { server, host } = await make(test);
    await host.setAccess({ expiresAt: Date.now() + left });
    const { code, stderr } = await host.ssh('true');
    expect([code, server.tries]).toEqual([255, 0]);
    expect(ours(stderr)).toEqual([
      expect.stringContaining('The SSH access to box has expired. Open an editor window'),
    ]);
  });

  it('never show in a process list, nor in a message', async (test) => {
    const { server, host } = await make(test);
    const ssh = host.startSsh('ps axeww -o args=', { options: ['-vvv'] });
    const { stdout, stderr } = await outcomeOf(ssh);
    expect(stdout.toString()).toContain('ssh-proxy.js');
    expect(stdout.toString() + stderr).not.toContain(server.password);
    await host.setAccess({ password: 'a wrong password' });
    expect((await host.ssh('true', '', { options: ['-vvv'] })).stderr).not.toContain('wrong password');
  });

  it('are in files that nobody else can read', async (test) => {
    const { host } = await make(test);
    await host.ssh('true');
    const { root, access, hostKey, knownHosts, secret } = host.folder;
    const modes = [root, access, accessFile(host.folder, name), hostKey, knownHosts, secret].map(
      (path) => statSync(path).mode & 0o777,
    );
    expect(modes).toEqual([0o700, 0o700, 0o600, 0o600, 0o600, 0o600]);
  });
});

describe('a host', () => {
  it('that was removed is explained', async (test) => {
    const { host } = await make(test);
    rmSync(accessFile(host.folder, name));
    const { code, stderr } = await host.ssh('true');
    expect(code).toBe(255);
    expect(ours(stderr)).toEqual([
      `Sandbox Explorer, ${name}: Sandbox Explorer knows no host ${name}. ` +
        'Open the sandbox from the Sandbox Explorer view again.',
    ]);
  });

  it('whose file is damaged is explained', async (test) => {
    const { host } = await make(test);
    writeFileSync(accessFile(host.folder, name), '{"sandbox":');
    const { code, stderr } = await host.ssh('true');
    expect([code, ours(stderr)]).toEqual([255, [expect.stringContaining('is damaged. Delete it, and open')]]);
  });

  it('cannot be a path out of our folder', async (test) => {
    const { host } = await make(test);
    writeFileSync(`${host.root}/outside.json`, readFileSync(accessFile(host.folder, name)));
    const { code, stderr } = await host.run(host.launcher, ['../../outside']);
    expect([code, stderr]).toEqual([255, 'Sandbox Explorer: This is not the name of an SSH host.\n']);
  });

  it('with a hostile text from the server shows it without what could trick a reader', async (test) => {
    const { server, host } = await make(test);
    server.banner = 'no\u001b[2J\u001b]0;title\u0007\u202eevil\r\nSandbox Explorer: all is well';
    await host.setAccess({ password: 'a wrong password' });
    const { stderr } = await host.ssh('true');
    expect(ours(stderr)).toEqual([
      `Sandbox Explorer, ${name}: 127.0.0.1:${server.port} refused the SSH access: no [2J ]0;title evil ` +
        'Sandbox Explorer: all is well. Open an editor window with Sandbox Explorer, which renews the SSH access, and try again.',
    ]);
  });
});

it("a user's own rules for all hosts do not keep a client from its sandbox", async (test) => {
  const { host } = await make(test);
  const rules = [
    'Host *',
    'Ciphers aes256-ctr',
    'MACs hmac-sha1',
    'KexAlgorithms ecdh-sha2-nistp521',
    'HostKeyAlgorithms rsa-sha2-512',
    'Compression yes',
    'ProxyJump bastion.example',
    'StrictHostKeyChecking no',
    'UserKnownHostsFile /dev/null',
    'PreferredAuthentications password',
    'RemoteCommand false',
    'VisualHostKey yes',
    'ProxyUseFdpass yes',
    'CanonicalizeHostname always',
    'CanonicalizeFallbackLocal no',
    'CanonicalDomains example.invalid',
    'RequestTTY force',
    'ClearAllForwardings yes',
  ];
  appendFileSync(host.config, `\n${rules.join('\n')}\n`);
  const { code, stdout } = await host.ssh('echo fine');
  expect([code, stdout.toString()]).toEqual([0, 'fine\n']);
});

describe('through a proxy of the editor', () => {
  it('a server is reached, with the password that only its settings know', async (test) => {
    const { server, servers, host } = await make(test);
    const proxy = await servers.proxy(server.port);
    await host.setAccess({ host: 'gateway.test', port: 22 });
    await writeNetwork(host.folder, {
      ...plainNetwork.settings(),
      proxy: `http://somebody:hidden-password@127.0.0.1:${proxy.port}`,
    });
    expect(statSync(host.folder.network).mode & 0o777).toBe(0o600);
    expect(await host.ssh('echo through')).toMatchObject({ code: 0, stdout: Buffer.from('through\n') });
    expect(proxy.asked).toEqual([expect.stringContaining('CONNECT gateway.test:22')]);
    expect(proxy.asked[0]).toContain(Buffer.from('somebody:hidden-password').toString('base64'));
    expect(readFileSync(host.folder.knownHosts, 'utf8')).toContain('[gateway.test]:22 ');
  });

  it('that refuses, the reason is told, and no credential', async (test) => {
    const { servers, host } = await make(test);
    const proxy = await servers.proxy(1, '403 Forbidden');
    await host.setAccess({ host: 'gateway.test', port: 22 });
    await writeNetwork(host.folder, {
      ...plainNetwork.settings(),
      proxy: `http://somebody:hidden-password@127.0.0.1:${proxy.port}`,
    });
    const { code, stderr } = await host.ssh('true');
    expect([code, ours(stderr)]).toEqual([
      255,
      [
        expect.stringContaining(
          `The proxy 127.0.0.1:${proxy.port} does not let us through to gateway.test: 403`,
        ),
      ],
    ]);
    expect(stderr).not.toContain('hidden-password');
  });
});

it('an unfinished connection leaves no process behind when the client gives up', async (test) => {
  const { servers, host } = await make(test);
  const { promise: connected, resolve } = Promise.withResolvers<unknown>();
  await host.setAccess({ port: await servers.tcp(resolve) });
  const ssh = host.startSsh('true');
  await connected;
  ssh.kill('SIGINT');
  await outcomeOf(ssh);
  await expect.poll(() => host.proxies()).toEqual([]);
});
