// Renews the credentials of a local sandbox's host, and is killed before it has written them down.
import { join } from 'node:path';
import { openLocal } from '../../../src/providers/local/open.ts';
import { sshFolderAt } from '../../../src/ssh/folder.ts';
import { fingerprint, readHost } from '../../../src/ssh/hostRecord.ts';
import { renewAccess } from '../../../src/ssh/renewal/renewAccess.ts';
import { renewOnce } from '../../../src/ssh/renewal/renewOnce.ts';
import { root } from '../../tools/paths.mts';

const [, , folderPath = '', host = ''] = process.argv;
const folder = sshFolderAt(folderPath);
const { access, dataFolder = '' } = readHost(folder, host);
const nothing = () => {};
const { ssh } = openLocal({
  program: join(root, 'dist/engine.js'),
  dataFolder,
  log: { debug: nothing, info: nothing, warn: nothing, error: nothing },
  hide: nothing,
  timeouts: () => ({ callMs: 10_000, createMs: 10_000 }),
});
await renewOnce(folder, host, fingerprint(access), async (record, book) => {
  await renewAccess(ssh, record, book);
  process.kill(process.pid, 'SIGKILL');
  return await new Promise(() => {});
});
