import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ErrorKind, ProviderError } from '../../../src/sandboxes/errors.ts';
import { SshHosts } from '../../../src/ssh/config/hosts.ts';
import { accessFile, prepareSshFolder, sshFolderAt, type SshFolder } from '../../../src/ssh/folder.ts';
import { describeHost, readHost } from '../../../src/ssh/hostRecord.ts';
import { renewOnce } from '../../../src/ssh/renewal/renewOnce.ts';

const fresh = {
  accessId: 'a',
  user: 'u',
  password: 'fresh',
  host: 'h',
  port: 22,
  expiresAt: undefined,
  command: '',
};
const described = { account: { id: 'x', name: 'X' }, sandbox: { id: 's', name: 'box' } };
const key = 'x/s';

let home: string;
let folder: SshFolder;
let hosts: SshHosts;
let host: string;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'renew once-'));
  folder = sshFolderAt(join(home, 'sandbox-explorer'));
  prepareSshFolder(folder);
  hosts = new SshHosts(folder, { id: 'code', name: 'Code', extensions: home }, join(home, 'config'));
  const sandbox = { key, accountId: 'x', account: 'X', sandbox: 'box', kind: 'proxy' } as const;
  host = (await hosts.put([sandbox], join(folder.bin, '1/ssh-proxy'))).names.get(key) ?? '';
  await describeHost(folder, host, described);
});
afterEach(() => rmSync(home, { recursive: true }));

describe('a host that is taken away', () => {
  it('stays away although it was being renewed', async () => {
    const [started, may] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const renewing = renewOnce(folder, host, '', async () => {
      started.resolve();
      await may.promise;
      return fresh;
    });
    await started.promise;
    const removing = hosts.remove(new Set([key]));
    setTimeout(() => may.resolve(), 300);
    await Promise.allSettled([renewing, removing]);
    expect(existsSync(accessFile(folder, host))).toBe(false);
    expect(await removing).toEqual([host]);
    expect(await hosts.names()).toEqual(new Map());
  });
});

describe('a set that was claimed', () => {
  const failing = (kind: ErrorKind) =>
    renewOnce(folder, host, '', async (_, claim) => {
      await claim();
      throw new ProviderError(kind, `It is a ${kind}.`);
    });

  it.each(['network', 'timeout', 'unavailable'] as const)(
    'stays ours after %s: the service may have made it',
    async (kind) => {
      await expect(failing(kind)).rejects.toMatchObject({ kind });
      expect(readHost(folder, host).replacing).toBeGreaterThan(Date.now() - 60_000);
      await describeHost(folder, host, described);
      expect(readHost(folder, host).replacing).toBeDefined();
      await renewOnce(folder, host, '', async () => fresh);
      expect(readHost(folder, host)).not.toHaveProperty('replacing');
    },
  );

  it('stays ours after a refusal of the next one, until that finds somebody else’s', async () => {
    await expect(failing('network')).rejects.toMatchObject({ kind: 'network' });
    const { replacing } = readHost(folder, host);
    await expect(failing('unauthorized')).rejects.toMatchObject({ kind: 'unauthorized' });
    expect(readHost(folder, host).replacing).toBe(replacing);
    await expect(failing('conflict')).rejects.toMatchObject({ kind: 'conflict' });
    expect(readHost(folder, host)).not.toHaveProperty('replacing');
  });

  it.each(['conflict', 'forbidden'] as const)('is none when the service refuses it with %s', async (kind) => {
    await expect(failing(kind)).rejects.toMatchObject({ kind });
    expect(readHost(folder, host)).not.toHaveProperty('replacing');
  });
});
