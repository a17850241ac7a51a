import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { plainNetwork } from '../../../src/net/network.ts';
import { sshFolderAt } from '../../../src/ssh/folder.ts';
import { readNetwork, writeNetwork } from '../../../src/ssh/networkFile.ts';

it('keeps the settings of one of many windows that leave theirs at the same time', async () => {
  const root = mkdtempSync(join(tmpdir(), 'network-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const folder = sshFolderAt(root);
  const proxies = Array.from({ length: 30 }, (_, index) => `http://proxy-${index}`);
  await Promise.all(
    proxies.map((proxy) => writeNetwork(folder, { ...plainNetwork.settings(), useProxy: true, proxy })),
  );
  expect(proxies).toContain(readNetwork(folder).proxy);
});
