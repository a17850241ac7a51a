import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { prepareSshFolder, sshFolderAt } from '../../../src/ssh/folder.ts';
import { RenewalServer } from '../../../src/ssh/renewal/server.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'renewal-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

it('a window that cannot say where it listens leaves no socket behind', async () => {
  const sockets = join(home, 'run');
  mkdirSync(sockets);
  vi.stubEnv('XDG_RUNTIME_DIR', sockets);
  // Too long for a socket, which is elsewhere then.
  const folder = sshFolderAt(join(home, 'long'.repeat(30)));
  prepareSshFolder(folder);
  rmSync(folder.windows, { recursive: true });
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const renew = () => Promise.reject(new Error('never'));
  await expect(RenewalServer.start({ folder, renew, log })).rejects.toThrow();
  expect(readdirSync(sockets)).toEqual([]);
});
