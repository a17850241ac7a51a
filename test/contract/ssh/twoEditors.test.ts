import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { plainNetwork } from '../../../src/net/network.ts';
import { openLocal } from '../../../src/providers/local/open.ts';
import type { Leap0Provider } from '../../../src/providers/leap0/provider.ts';
import { SshIntegration, type Subject } from '../../../src/ssh/integration.ts';
import { root } from '../../tools/paths.mts';
import { EngineHost } from './engineHost.ts';
import type { Outcome } from './sshHost.ts';

const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const fine = { code: 0, stdout: Buffer.from('fine\n'), stderr: '' };

let there: EngineHost;
let provider: Leap0Provider;
let home: string;
let subject: Subject;
beforeEach(async () => {
  there = await EngineHost.make();
  await there.client.call('DELETE', `${there.sandbox}/ssh/access`);
  home = join(there.host.root, 'home');
  mkdirSync(home);
  const dataFolder = there.engine.dataDir;
  const timeouts = () => ({ callMs: 60_000, createMs: 60_000 });
  const program = join(root, 'dist/engine.js');
  provider = openLocal({ program, dataFolder, log, hide: () => undefined, timeouts });
  const id = basename(there.sandbox);
  const sandbox = { id, key: `local/${id}`, name: 'web', template: undefined };
  subject = { account: { id: 'local', name: 'Local' }, sandbox, dataFolder };
});
afterEach(async () => {
  provider.dispose();
  await there.dispose();
});

/** An editor of the user's that opens the sandbox. */
async function editor(id: string, opened = subject) {
  const integration = new SshIntegration({
    root: join(home, 'sandbox-explorer'),
    editor: { id, name: id, extensions: root },
    configFile: () => join(home, 'config'),
    identityFile: () => '',
    identityFailure: (reason) => reason,
    program: join(root, 'dist/ssh-proxy.js'),
    lent: { runtime: process.execPath, engine: join(root, 'dist/engine.js') },
    network: plainNetwork.settings,
    onDidChangeNetwork: () => ({ dispose: () => undefined }),
    log,
  });
  return { integration, host: await integration.add(opened) };
}

const ssh = (host: string): Promise<Outcome> =>
  there.host.run('ssh', ['-F', join(home, 'sandbox-explorer/config'), host, 'echo fine']);

describe('two editors of one user', () => {
  it('share the one access that a sandbox has', async () => {
    const [code, cursor] = [await editor('code'), await editor('cursor')];
    expect(cursor.host).not.toBe(code.host);
    const access = await code.integration.ensureAccess(code.host, provider.ssh);
    expect(await cursor.integration.ensureAccess(cursor.host, provider.ssh)).toEqual(access);
    expect(await ssh(code.host)).toEqual(fine);
    expect(await ssh(cursor.host)).toEqual(fine);
  });

  it('go on sharing it when one of them has regenerated it', async () => {
    const [code, cursor] = [await editor('code'), await editor('cursor')];
    await code.integration.ensureAccess(code.host, provider.ssh);
    await cursor.integration.ensureAccess(cursor.host, provider.ssh);
    await cursor.integration.regenerate(cursor.host, provider.ssh);
    expect(await ssh(code.host)).toEqual(fine);
    expect(await ssh(cursor.host)).toEqual(fine);
  });

  it('make it once when both of them want it at the same time', async () => {
    const editors = [await editor('code'), await editor('cursor')];
    const made = editors.map(({ integration, host }) => integration.ensureAccess(host, provider.ssh));
    const [one, other] = await Promise.all(made);
    expect(one).toEqual(other);
  });

  it('share it at a service where each of them has an account of its own, but not with another service', async () => {
    const at = (service: string, id: string) => ({
      account: { id, name: 'Work' },
      sandbox: subject.sandbox,
      service,
    });
    const code = await editor('code', at('https://api.example.com/', 'one'));
    const cursor = await editor('cursor', at('https://api.example.com/', 'two'));
    const stranger = await editor('windsurf', at('https://elsewhere.example.com/', 'three'));
    const access = await code.integration.ensureAccess(code.host, provider.ssh);
    expect(await cursor.integration.ensureAccess(cursor.host, provider.ssh)).toEqual(access);
    await expect(stranger.integration.ensureAccess(stranger.host, provider.ssh)).rejects.toMatchObject({
      kind: 'conflict',
    });
  });

  it('still leave alone what neither of them has made', async () => {
    const [code, cursor] = [await editor('code'), await editor('cursor')];
    await code.integration.ensureAccess(code.host, provider.ssh);
    await there.client.call('POST', `${there.sandbox}/ssh/regen`);
    await expect(cursor.integration.ensureAccess(cursor.host, provider.ssh)).rejects.toMatchObject({
      kind: 'conflict',
    });
  });
});
