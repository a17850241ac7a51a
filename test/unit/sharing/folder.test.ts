import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { accountFields, type AccountSettings } from '../../../src/sandboxes/account.ts';
import type { Sharing } from '../../../src/sandboxes/sharing.ts';
import { openSharing } from '../../../src/sharing/folder.ts';
import { record } from '../sandboxes/scriptedProvider.ts';

const moment = 1_795_272_763_691.25;
const list = {
  askedAt: moment,
  listedAt: moment,
  facts: [
    { record: record('s', 'running', { vcpu: 2 }), trueAt: moment, detailedIn: 'running' as const },
    { record: record('t', 'unknown', { warnings: ['No network.'] }), trueAt: moment },
  ],
};
const names = { labels: { 'a/s': { value: 'mine', since: 1, absentSince: 2 } }, keys: {} };
const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };

let folder: string;
let sharing: Sharing;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandbox-explorer-'));
  sharing = openSharing({ folder, log });
  vi.clearAllMocks();
});

afterEach(() => rm(folder, { recursive: true }));

/** Rewrites every file that windows have written for each other. */
async function rewrite(change: (text: string) => string): Promise<void> {
  for (const path of await readdir(folder, { recursive: true })) {
    if (!path.endsWith('.json')) continue;
    const text = await readFile(join(folder, path), 'utf8');
    await writeFile(join(folder, path), change(text));
  }
}

describe('what windows share', () => {
  it('comes back as it was, for the account and the service that it was told for', async () => {
    const { list: shared, news } = sharing.board('local', '/data');
    await shared.update(() => list);
    await news.update(() => ({ listAskedAt: moment, facts: [], removals: [{ id: 's', removedAt: moment }] }));
    await sharing.names.update(() => names);
    const again = openSharing({ folder, log });
    expect(await again.board('local', '/data').list.read()).toEqual(list);
    expect(await again.board('local', '/data').news.read()).toMatchObject({ removals: [{ id: 's' }] });
    expect(await again.board('Local', '/data').list.read()).toBeUndefined();
    expect(await again.board('local', '/other').list.read()).toBeUndefined();
    expect(await again.names.read()).toEqual(names);
  });

  it('comes back as it was, of an account', async () => {
    const kept = {
      revision: 'A',
      revisionOf: 'https://a.test',
      knownIds: ['s'],
      otherIds: { 'https://b.test': ['t'] },
    };
    await sharing.accountData('a').update(() => kept);
    expect(await openSharing({ folder, log }).accountData('a').read()).toEqual(kept);
    expect(await sharing.accountData('b').read()).toBeUndefined();
  });

  it('comes back as it was, of all that the settings say of an account', async () => {
    const account: Required<AccountSettings> = {
      id: 'a',
      name: 'A',
      provider: 'leap0',
      baseUrl: 'https://a.test',
      sandboxDomain: 'sandbox.a.test',
      authHeader: 'leap0-authorization',
      bearer: false,
      requestTimeout: 30,
    };
    expect(Object.keys(account).toSorted()).toEqual([...accountFields].toSorted());
    await sharing.accounts.list.update(() => ({ accounts: [account], changedAt: moment }));
    expect(await openSharing({ folder, log }).accounts.list.read()).toMatchObject({ accounts: [account] });
  });

  it('leaves an older build its list of accounts, which it writes otherwise', async () => {
    const older = join(folder, 'shared-1', 'accounts.json');
    await mkdir(join(folder, 'shared-1'));
    await writeFile(older, '[]');
    await sharing.accounts.list.update(() => ({ accounts: [], changedAt: moment }));
    expect(await readFile(older, 'utf8')).toBe('[]');
    expect(await openSharing({ folder, log }).accounts.list.read()).toMatchObject({ changedAt: moment });
  });

  it.each<[string, (text: string) => string]>([
    ['is cut off', (text) => text.slice(0, text.length / 2)],
    ['is empty', () => ''],
    ['is of another kind', () => '{"version": 99}'],
    ['has a state that is not known', (text) => text.replace('"unknown"', '"dancing"')],
    ['has a moment that never comes', (text) => text.replace(/"trueAt":[\d.]+/, '"trueAt":1e300')],
    ['has something else for a text', (text) => text.replace('"id":"s"', '"id":7')],
  ])('counts as not told when it %s', async (_, spoil) => {
    await sharing.board('local', '/data').list.update(() => list);
    await rewrite(spoil);
    expect(await sharing.board('local', '/data').list.read()).toBeUndefined();
  });

  it('passes nothing on that it does not name', async () => {
    await sharing.board('local', '/data').list.update(() => list);
    await rewrite((text) => text.replace('"id":"s"', '"id":"s","env":{"KEY":"secret"}'));
    expect(await sharing.board('local', '/data').list.read()).toEqual(list);
  });
});

describe('windows that take turns', () => {
  it('do one thing at a time for an account', async () => {
    const board = () => openSharing({ folder, log }).board('local', '/data');
    let running = 0;
    const overlap = await Promise.all(
      Array.from({ length: 3 }, () =>
        board().inTurn(async () => {
          const before = running++;
          await new Promise((resolve) => setTimeout(resolve, 50));
          running--;
          return before;
        }),
      ),
    );
    expect(overlap).toEqual([0, 0, 0]);
  });

  it('pass the turn on when something fails in it', async () => {
    const board = sharing.board('local', '/data');
    await expect(board.inTurn(() => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(await board.inTurn(async () => 'done')).toBe('done');
  });
});

it('a folder that cannot be used is told once, with its name and the reason', async () => {
  await writeFile(join(folder, 'file'), '');
  const useless = openSharing({ folder: join(folder, 'file'), log });
  for (const shared of [useless.names, useless.board('local', '/data').news, useless.board('b', '').list]) {
    await expect(shared.update(() => ({}) as never)).rejects.toThrow();
  }
  expect(await useless.board('local', '/data').inTurn(async () => 'done')).toBe('done');
  expect(log.warn.mock.calls).toEqual([[expect.stringContaining(join(folder, 'file'))]]);
});
