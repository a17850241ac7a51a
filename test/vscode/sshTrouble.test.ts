import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { SandboxRecord } from '../../src/sandboxes/sandbox.ts';
import { removeEverything } from '../../src/ssh/config/removeEverything.ts';
import { sshFolderAt } from '../../src/ssh/folder.ts';
import { fingerprint, readHost } from '../../src/ssh/hostRecord.ts';
import { askWindow } from '../../src/ssh/renewal/client.ts';
import { answerNextWarning, command, makeSandboxes, observer, row, toldDuring } from './helpers.ts';
import { answeringAll } from './windows.ts';

const folder = sshFolderAt(join(homedir(), '.ssh/sandbox-explorer'));

describe('SSH in trouble', () => {
  let sandbox: SandboxRecord;
  let file: string;
  const lists = () => readdirSync(join(folder.root, 'hosts'));
  const hosts = () => {
    const [list = ''] = lists();
    return Object.keys(JSON.parse(readFileSync(join(folder.root, 'hosts', list), 'utf8')).hosts);
  };
  /** Whoever has lost an access is asked before it is made anew. */
  const copyAnew = async () => {
    answerNextWarning('Regenerate');
    await copyCommand();
  };
  const copyCommand = () => answeringAll(['Not Now'], () => command('copySshCommand', row(sandbox)));

  before(async () => {
    const [made] = await makeSandboxes(1);
    ok(made);
    sandbox = made;
    await copyCommand();
    const [host = ''] = hosts();
    file = join(folder.access, `${host}.json`);
    ok(existsSync(file));
  });

  after(async () => {
    answerNextWarning('Remove');
    await command('removeSshIntegration');
    await observer.delete(sandbox.id);
  });

  it('is told with the reason why a host could not be set up, and then there is none', async () => {
    const lock = `${file}.lock`;
    rmSync(file);
    // No lock of anybody: it never goes away.
    writeFileSync(lock, '');
    utimesSync(lock, 1, 1);
    const [told] = await toldDuring('showErrorMessage', copyCommand);
    rmSync(lock);
    equal(
      told?.message,
      `Could not write ${file}: there is a file where a folder should be. Look at ${folder.access}, then try again.`,
    );
    deepEqual(hosts(), []);
  });

  it('is over for a window whose integration another one has removed, as soon as it has a host again', async () => {
    await copyAnew();
    const editors = new Set(lists().map((name) => name.replace(/\.json$/, '')));
    deepEqual(await removeEverything(folder, [], editors), []);
    equal(existsSync(folder.root), false);
    await copyAnew();
    const [host = ''] = hosts();
    // Not by `ssh` itself, which would do without a window for a sandbox of the local engine.
    const { access } = readHost(folder, host);
    equal(await askWindow(folder, host, fingerprint(access), 60_000), true);
    notEqual(readHost(folder, host).access?.password, access?.password);
  });

  it('does not keep anybody from removing it all, although the list of its hosts is damaged', async () => {
    for (const name of lists()) writeFileSync(join(folder.root, 'hosts', name), '{');
    answerNextWarning('Remove');
    const told = await toldDuring('showInformationMessage', () => command('removeSshIntegration'));
    deepEqual(
      told.map(({ message }) => message),
      ['The SSH integration is removed.'],
    );
    equal(existsSync(folder.root), false);
  });
});
