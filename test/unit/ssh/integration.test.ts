import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Emitter } from '../../../src/common/event.ts';
import { newPrivateKey } from '../../../src/common/sshKey.ts';
import { sleep } from '../../../src/common/time.ts';
import { plainNetwork, type NetworkSettings } from '../../../src/net/network.ts';
import { ProviderError } from '../../../src/sandboxes/errors.ts';
import type { SshAccess, SshAccessApi } from '../../../src/sandboxes/provider.ts';
import { accessFile, sshFolderAt } from '../../../src/ssh/folder.ts';
import { SshIntegration } from '../../../src/ssh/integration.ts';
import { takeLock } from '../../../src/ssh/ownFiles.ts';
import { readNetwork, writeNetwork } from '../../../src/ssh/networkFile.ts';
import { askWindow } from '../../../src/ssh/renewal/client.ts';

let home: string;
let named: string;
let integration: SshIntegration;
let network: NetworkSettings;
let networkChanged: Emitter<void>;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'integration-'));
  named = '';
  network = plainNetwork.settings();
  networkChanged = new Emitter();
  writeFileSync(join(home, 'ssh-proxy.js'), '');
  integration = new SshIntegration({
    root: join(home, 'sandbox-explorer'),
    editor: { id: 'code', name: 'Code', extensions: home },
    configFile: () => join(home, 'config'),
    identityFile: () => named,
    identityFailure: ({ message }) => new ProviderError('invalid', `The setting is wrong: ${message}`),
    program: join(home, 'ssh-proxy.js'),
    lent: { runtime: process.execPath },
    network: () => network,
    onDidChangeNetwork: networkChanged.event,
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

describe('the line for the SSH config', () => {
  it('goes to the file that a link leads to, and that then has it', async () => {
    await integration.add(subject);
    const [config, link] = [join(home, 'config'), join(home, 'link')];
    symlinkSync(config, link);
    const survey = await integration.survey(subject);
    const plans = await survey.plan(link);
    expect(plans).toMatchObject([{ file: config, exists: false }]);
    await survey.include(plans);
    expect(await survey.plan(config)).toEqual([]);
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

  it('is made again when it was taken away while it was being finished', async () => {
    const folder = sshFolderAt(join(home, 'sandbox-explorer'));
    const host = await integration.add(subject);
    await integration.remove(new Set(['x/s']));
    const release = await takeLock(accessFile(folder, host), 1_000);
    const adding = integration.add(subject);
    await expect.poll(() => integration.hosts()).toEqual(new Map([['x/s', host]]));
    await integration.remove(new Set(['x/s']));
    await release();
    expect(await integration.find('x/s')).toBeUndefined();
    expect(await adding).toBe(host);
    expect(await integration.find('x/s')).toMatchObject({ host, record: { sandbox: { id: 's' } } });
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
  const access = { accessId: 'ssh-1', user: 'u', password: 'p', host: 'h', port: 22, command: '' };
  const made: SshAccess = { ...access, expiresAt: undefined };
  const cut = () => Promise.reject(new ProviderError('cancelled', 'Cancelled.'));

  /** A service that does what it is asked, with what it was asked. */
  function service(answer: () => Promise<SshAccess> = async () => made) {
    const asked: string[] = [];
    const ask = (call: string) => {
      asked.push(call);
      return answer();
    };
    const api: SshAccessApi = {
      create: () => ask('create'),
      validate: async () => false,
      regenerate: (_, accessId) => ask(`regenerate ${accessId}`),
      revoke: cut,
    };
    const anySet = { regenerate: () => ask('regenerate'), revoke: cut };
    return { api, withAnySet: { ...api, anySet }, asked };
  }
  const newHost = () => {
    const sandbox = { id: 's', key: 'a/s', name: 'web', template: undefined };
    return integration.add({ account: { id: 'a', name: 'Work' }, sandbox });
  };

  it('is of the set that is kept here, by its ID, where the service wants to know it', async () => {
    const { api, asked } = service();
    const host = await newHost();
    await integration.ensureAccess(host, api);
    await integration.regenerate(host, api);
    expect(asked).toEqual(['create', 'regenerate ssh-1']);
  });

  it('is of whichever set there is where the service knows it without its ID', async () => {
    const { withAnySet, asked } = service();
    const host = await newHost();
    await integration.ensureAccess(host, withAnySet);
    await integration.regenerate(host, withAnySet);
    expect(asked).toEqual(['create', 'regenerate']);
  });

  it('makes a set where there is none that could be named', async () => {
    const { api, asked } = service();
    expect(await integration.regenerate(await newHost(), api)).toMatchObject({ accessId: 'ssh-1' });
    expect(asked).toEqual(['create']);
  });

  it('is no reason to take the set for ours when it was cut off', async () => {
    const { withAnySet, asked } = service(cut);
    const host = await newHost();
    await expect(integration.regenerate(host, withAnySet)).rejects.toMatchObject({ kind: 'cancelled' });
    const conflict = service(() => Promise.reject(new ProviderError('conflict', 'There is a set.')));
    await expect(integration.ensureAccess(host, conflict.withAnySet)).rejects.toMatchObject({
      kind: 'conflict',
    });
    expect([asked, conflict.asked]).toEqual([['regenerate'], ['create']]);
  });
});

describe('credentials that are taken back', () => {
  it('are not made anew by whoever connects before their host is gone', async () => {
    const access = { accessId: 'ssh-1', user: 'u', password: 'p', host: 'h', port: 22, command: '' };
    const asked: string[] = [];
    const ask = (call: string) => async () => {
      asked.push(call);
      return { ...access, expiresAt: undefined };
    };
    const api: SshAccessApi = {
      create: ask('create'),
      validate: async () => false,
      regenerate: ask('regenerate'),
      revoke: async (_, accessId) => void asked.push(`revoke ${accessId}`),
    };
    const host = await integration.add(subject);
    await integration.ensureAccess(host, api);
    let connecting: Promise<unknown> | undefined;
    await integration.betweenRenewals('x/s', async (kept) => {
      await api.revoke('s', kept?.accessId ?? '');
      connecting = integration.regenerate(host, api).catch((thrown: unknown) => thrown);
      await sleep(200);
      await integration.remove(new Set(['x/s']));
    });
    expect(await connecting).toMatchObject({ kind: 'notFound' });
    expect(asked).toEqual(['create', 'revoke ssh-1']);
  });

  it('need no host', async () => {
    expect(await integration.betweenRenewals('x/s', async (kept) => kept ?? 'none')).toBe('none');
  });
});

describe('the network, while a window serves', () => {
  const never = () => Promise.reject(new Error('never'));
  const folder = () => sshFolderAt(join(home, 'sandbox-explorer'));

  it('is what ssh-proxy knows as soon as a setting changes, and a password that is gone is gone there', async () => {
    network = { ...network, proxy: 'http://u:hidden-password@proxy' };
    const serving = await integration.serve(never);
    expect(readNetwork(folder()).proxy).toBe('http://u:hidden-password@proxy');
    network = { ...network, proxy: 'http://other' };
    networkChanged.fire();
    await expect.poll(() => readNetwork(folder()).proxy).toBe('http://other');
    expect(readFileSync(folder().network, 'utf8')).not.toContain('hidden-password');
    serving.dispose();
  });

  it('is told before a renewal, since another editor may have left its own', async () => {
    const serving = await integration.serve(never);
    const account = { id: 'x', name: 'X' };
    const sandbox = { id: 's', key: 'x/s', name: 'box', template: undefined };
    const host = await integration.add({ account, sandbox });
    await writeNetwork(folder(), { ...network, proxy: 'http://another-editor' });
    await expect(askWindow(folder(), host, '', 60_000)).rejects.toMatchObject({ message: 'never.' });
    expect(readNetwork(folder()).proxy).toBe('');
    serving.dispose();
  });
});
