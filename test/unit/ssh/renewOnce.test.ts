import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sleep } from '../../../src/common/time.ts';
import { type ErrorKind, ProviderError } from '../../../src/sandboxes/errors.ts';
import { SshHosts, type Editor } from '../../../src/ssh/config/hosts.ts';
import { alone } from '../../../src/ssh/config/ourFolder.ts';
import { removeEverything } from '../../../src/ssh/config/removeEverything.ts';
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
  hosts = hostsOf('code');
  host = await put(hosts);
  await describeHost(folder, host, described);
});
afterEach(() => rmSync(home, { recursive: true }));

const hostsOf = (id: Editor['id']) =>
  new SshHosts(folder, { id, name: id, extensions: home }, join(home, 'config'));

async function put(into: SshHosts): Promise<string> {
  const sandbox = { key, accountId: 'x', account: 'X', sandbox: 'box', kind: 'proxy' } as const;
  return (await into.put([sandbox], async () => join(folder.bin, '1/ssh-proxy'))).names.get(key) ?? '';
}

/** A renewal that has begun, and lasts until it may end. */
async function beginRenewal() {
  const [started, may] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const renewing = renewOnce(folder, host, '', async () => {
    started.resolve();
    await may.promise;
    return fresh;
  });
  await started.promise;
  return { renewing, end: may.resolve };
}

describe('a host that is taken away', () => {
  const ways: [string, () => Promise<unknown>][] = [
    ['alone', () => hosts.remove(new Set([key]))],
    ['with all of its editor’s', () => removeEverything(folder, [], new Set(['code']))],
  ];

  it.each(ways)('%s waits for its renewal', async (_, remove) => {
    await put(hostsOf('cursor'));
    const { renewing, end } = await beginRenewal();
    const removing = remove();
    setTimeout(end, 300);
    expect(await renewing).toMatchObject({ password: 'fresh' });
    await removing;
    expect(existsSync(accessFile(folder, host))).toBe(false);
    expect(await hosts.names()).toEqual(new Map());
  });

  it('leaves its name to a sandbox that has got it meanwhile', async () => {
    let removing: Promise<string[]> | undefined;
    await alone(folder, async () => {
      removing = hosts.remove(new Set([key]));
      await sleep(200);
      const list = join(folder.root, 'hosts/code.json');
      // As another window of the editor does it, while we wait.
      writeFileSync(list, readFileSync(list, 'utf8').replace(key, 'x/other'));
    });
    expect(await removing).toEqual([]);
    expect(await hosts.names()).toEqual(new Map([['x/other', host]]));
    expect(existsSync(accessFile(folder, host))).toBe(true);
  });

  it.each(ways)('%s does not wait for long, and stays away all the same', async (_, remove) => {
    await put(hostsOf('cursor'));
    const { renewing, end } = await beginRenewal();
    await remove();
    end();
    await expect(renewing).rejects.toMatchObject({ kind: 'notFound' });
    expect(existsSync(accessFile(folder, host))).toBe(false);
  });
});

describe('a host that is taken away unasked', () => {
  const isUnused = async () => !readHost(folder, host).access;
  const removeUnused = () => hosts.remove(new Set([key]), isUnused);

  it('is one that was never used', async () => {
    expect(await removeUnused()).toEqual([host]);
    expect(await hosts.names()).toEqual(new Map());
  });

  it('is never one that somebody is setting up, however long that takes', async () => {
    const { renewing, end } = await beginRenewal();
    expect(await removeUnused()).toEqual([]);
    end();
    expect(await renewing).toMatchObject({ password: 'fresh' });
    expect(await hosts.names()).toEqual(new Map([[key, host]]));
    expect(readHost(folder, host).access).toMatchObject({ password: 'fresh' });
  });

  it('is never one that has got its credentials while it was waited for', async () => {
    const { renewing, end } = await beginRenewal();
    const removing = removeUnused();
    setTimeout(end, 300);
    await renewing;
    expect(await removing).toEqual([]);
    expect(await hosts.names()).toEqual(new Map([[key, host]]));
    expect(readHost(folder, host).access).toMatchObject({ password: 'fresh' });
  });

  it('keeps none of the others', async () => {
    const other = { key: 'x/o', accountId: 'x', account: 'X', sandbox: 'other', kind: 'proxy' } as const;
    await hosts.put([other], async () => join(folder.bin, '1/ssh-proxy'));
    const { renewing, end } = await beginRenewal();
    const removed = await hosts.remove(new Set([key, other.key]), async () => true);
    expect(removed).not.toContain(host);
    expect(await hosts.names()).toEqual(new Map([[key, host]]));
    end();
    await renewing;
  });
});

describe('a set that was claimed', () => {
  const failing = (kind: ErrorKind) =>
    renewOnce(folder, host, '', async (_, book) => {
      await book.claim();
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
