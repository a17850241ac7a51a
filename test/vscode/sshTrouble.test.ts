import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { SandboxRecord } from '../../src/sandboxes/sandbox.ts';
import { removeEverything } from '../../src/ssh/config/removeEverything.ts';
import { sshFolderAt } from '../../src/ssh/folder.ts';
import { fingerprint, readHost, writeHost } from '../../src/ssh/hostRecord.ts';
import { takeLock } from '../../src/ssh/ownFiles.ts';
import { sandboxLock } from '../../src/ssh/renewal/accessBook.ts';
import { askWindow } from '../../src/ssh/renewal/client.ts';
import { renewOnce } from '../../src/ssh/renewal/renewOnce.ts';
import { answerNextWarning, command, makeSandboxes, observer, row, toldDuring, until } from './helpers.ts';
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

  const nameOf = () => hosts()[0] ?? '';
  /** As it is before a first set-up has got its credentials. */
  const loseAccess = async () => {
    const { access, ...record } = readHost(folder, nameOf());
    ok(access);
    await writeHost(folder, nameOf(), record);
    return { access, record };
  };
  /** One that fails before it has asked anybody for credentials. */
  const failToCopy = async () => {
    rmSync(folder.network);
    mkdirSync(folder.network);
    const told = await toldDuring('showErrorMessage', copyCommand);
    rmSync(folder.network, { recursive: true });
    equal(told.length, 1);
  };

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

  it('that ends a set-up leaves the host to another window that gets credentials for it', async () => {
    const host = nameOf();
    const { access } = await loseAccess();
    const renewed = await renewOnce(folder, host, '', async () => {
      await failToCopy();
      return { ...access, expiresAt: access.expiresAt };
    });
    deepEqual(readHost(folder, host).access, renewed);
    deepEqual(hosts(), [host]);
  });

  it('that ends a set-up leaves the host to another one of this window that waits for its turn', async () => {
    const host = nameOf();
    const { record } = await loseAccess();
    const release = await takeLock(sandboxLock(folder, record), 1_000);
    // What it writes first tells that it is under way.
    rmSync(file);
    const waiting = copyAnew();
    await until('the other one has its host', () => existsSync(file));
    await failToCopy();
    await release();
    await waiting;
    ok(readHost(folder, host).access);
    deepEqual(hosts(), [host]);
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
