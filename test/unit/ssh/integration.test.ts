import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newPrivateKey } from '../../../src/common/sshKey.ts';
import { plainNetwork } from '../../../src/net/network.ts';
import { ProviderError } from '../../../src/sandboxes/errors.ts';
import type { SshAccessApi } from '../../../src/sandboxes/provider.ts';
import { SshIntegration } from '../../../src/ssh/integration.ts';

let home: string;
let named: string;
let integration: SshIntegration;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'integration-'));
  named = '';
  writeFileSync(join(home, 'ssh-proxy.js'), '');
  integration = new SshIntegration({
    root: join(home, 'sandbox-explorer'),
    editor: { id: 'code', name: 'Code', extensions: home },
    configFile: () => join(home, 'config'),
    identityFile: () => named,
    identityFailure: ({ message }) => new ProviderError('invalid', `The setting is wrong: ${message}`),
    program: join(home, 'ssh-proxy.js'),
    lent: { runtime: process.execPath },
    network: plainNetwork.settings,
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  });
});
afterEach(() => rmSync(home, { recursive: true }));

const ours = () => join(home, 'sandbox-explorer/id_ed25519');

const subject = {
  account: { id: 'x', name: 'X' },
  sandbox: { id: 's', key: 'x/s', name: 'box', template: undefined },
};

describe('our folder', () => {
  it.each([
    ['add', () => integration.add(subject)],
    ['serve', () => integration.serve(() => Promise.reject(new Error('never')))],
  ])('that cannot be made is told to a person by %s, with what to do', async (_, call) => {
    const root = join(home, 'sandbox-explorer');
    writeFileSync(root, 'no folder');
    const thrown: unknown = await call().catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(ProviderError);
    expect(thrown).toMatchObject({
      message: `Could not set up SSH in ${root}: there is a file where a folder should be.`,
      advice: `Look at ${root}, then try again.`,
    });
  });
});

describe('the line for two configs', () => {
  it('is asked for once where both are one file', async () => {
    const host = await integration.add(subject);
    const [config, link] = [join(home, 'config'), join(home, 'link')];
    symlinkSync(config, link);
    const plans = await integration.plan([config, link], host);
    expect(plans).toMatchObject([{ file: config, exists: false }]);
    await integration.include(plans);
    expect(await integration.plan([config, link], host)).toEqual([]);
  });
});

describe('a host that could not be finished', () => {
  it('is none, and can be taken away', async () => {
    const host = await integration.add(subject);
    rmSync(join(home, 'sandbox-explorer/access', `${host}.json`));
    expect(await integration.find('x/s')).toBeUndefined();
    expect(await integration.remove(new Set(['x/s']))).toEqual([host]);
    expect(await integration.hosts()).toEqual(new Map());
  });
});

describe('the keys for a service', () => {
  it('are ours, made at the first use and the same until they are rotated', async () => {
    const pair = await integration.keyPair();
    expect(pair.file).toBe(ours());
    expect(await integration.keyPair()).toEqual(pair);
    const rotated = await integration.rotateKeyPair();
    expect(rotated.publicKey).not.toBe(pair.publicKey);
    expect(await integration.keyPair()).toEqual(rotated);
  });

  it('are those that the user has named, and then none of ours is made', async () => {
    named = join(home, 'mine');
    writeFileSync(named, newPrivateKey('mine'));
    expect(await integration.keyPair()).toMatchObject({
      file: named,
      publicKey: expect.stringMatching(/^ssh-ed25519 \S+ mine$/),
    });
    expect(existsSync(ours())).toBe(false);
  });

  it('are never ours instead of named ones that cannot be used, and the reason leads to the setting', async () => {
    await integration.keyPair();
    named = join(home, 'none');
    await expect(integration.keyPair()).rejects.toMatchObject({
      message: `The setting is wrong: There is no file ${named}.`,
    });
  });
});

describe('a regeneration that the user wants', () => {
  it('is no reason to take the set for ours when it was cut off', async () => {
    const asked: string[] = [];
    const cut = () => Promise.reject(new ProviderError('cancelled', 'Cancelled.'));
    const api: SshAccessApi = {
      create: async () => {
        asked.push('create');
        throw new ProviderError('conflict', 'There is a set.');
      },
      validate: async () => false,
      regenerate: () => {
        asked.push('regenerate');
        return cut();
      },
      revoke: cut,
    };
    const sandbox = { id: 's', key: 'a/s', name: 'web', template: undefined };
    const host = await integration.add({ account: { id: 'a', name: 'Work' }, sandbox });
    await expect(integration.regenerate(host, api)).rejects.toMatchObject({ kind: 'cancelled' });
    await expect(integration.ensureAccess(host, api)).rejects.toMatchObject({ kind: 'conflict' });
    expect(asked).toEqual(['regenerate', 'create']);
  });
});
