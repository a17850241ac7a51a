import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lock } from '../../../src/common/lock.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'lock-'));
});
afterEach(() => rmSync(home, { recursive: true }));

/** Longer than a test may last: who waits for it fails. */
const patient = { stale: 10_000, wait: 60_000 };

it('a lock that others hold is waited for', async () => {
  const path = join(home, 'lock');
  const order: string[] = [];
  const release = await lock(path, patient);
  const second = lock(path, patient).then(() => order.push('taken'));
  setTimeout(() => {
    order.push('released');
    void release();
  }, 300);
  await second;
  expect(order).toEqual(['released', 'taken']);
});

it('a lock that others hold for too long is given up', async () => {
  const path = join(home, 'lock');
  await lock(path, patient);
  await expect(lock(path, { ...patient, wait: 300 })).rejects.toMatchObject({ code: 'ELOCKED' });
});

it('a lock in a folder that is missing is not waited for', async () => {
  await expect(lock(join(home, 'gone/lock'), patient)).rejects.toMatchObject({ code: 'ENOENT' });
});

it('a lock in the place of a folder that is a file is not waited for', async () => {
  writeFileSync(join(home, 'file'), '');
  await expect(lock(join(home, 'file/lock'), patient)).rejects.toMatchObject({ code: 'ENOTDIR' });
});

it('a lock where nobody may write is not waited for', async () => {
  const code = expect.stringMatching(/^(EPERM|EACCES|EROFS)$/);
  await expect(lock('/sys/lock', patient)).rejects.toMatchObject({ code });
});
