import { deepEqual, equal, rejects } from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { Redactor } from '../../src/common/redactor.ts';
import { openSharing } from '../../src/providers/index.ts';
import { Fleet } from '../../src/sandboxes/fleet.ts';
import { Accounts } from '../../src/window/accounts/accounts.ts';
import { readAccounts, writeAccounts } from '../../src/window/accounts/accountSettings.ts';
import { WindowLog } from '../../src/window/log.ts';
import { extension, withSettings } from './helpers.ts';

const written = () => vscode.workspace.getConfiguration('sandboxExplorer').get('accounts');

describe('the list of accounts in the settings', () => {
  before(() => extension.activate());

  it('keeps what the user has written there besides, and of each account', async () => {
    const first = { id: 'a', name: 'A', provider: 'leap0', note: 'mine', requestTimeout: '30' };
    const second = { id: 'b', provider: 'leap0', baseUrl: 'https://api.example.com' };
    const odd = ['a text', { name: 'no ID' }];
    const twice = { id: 'a', name: 'A again', provider: 'leap0' };
    await withSettings({ accounts: [first, twice, second, ...odd] }, async () => {
      const renamed = readAccounts().map((one) => (one.id === 'a' ? { ...one, name: 'Other' } : one));
      await writeAccounts(renamed.toReversed());
      deepEqual(written(), [second, { ...first, name: 'Other' }, twice, ...odd]);
      await writeAccounts(readAccounts().filter(({ id }) => id !== 'a'));
      deepEqual(written(), [second, ...odd]);
      await writeAccounts(readAccounts().map((one) => ({ ...one, baseUrl: undefined })));
      deepEqual(written(), [{ id: 'b', provider: 'leap0' }, ...odd]);
    });
  });

  it('leaves no key of an account that it could not take', async () => {
    const keys = new Map<string, string>();
    const secrets: vscode.SecretStorage = {
      keys: async () => [...keys.keys()],
      get: async (name) => keys.get(name),
      store: async (name, key) => void keys.set(name, key),
      delete: async (name) => void keys.delete(name),
      onDidChange: () => ({ dispose: () => undefined }),
    };
    const folder = mkdtempSync(join(tmpdir(), 'sandbox-explorer-'));
    // Never disposed of: its channel is that of the extension.
    const log = new WindowLog(new Redactor());
    const share = async () => openSharing({ folder, log });
    const accounts = new Accounts({ fleet: new Fleet(share), secrets, share, log });
    await vscode.commands.executeCommand('workbench.action.openSettingsJson');
    await vscode.window.activeTextEditor?.edit((edit) => edit.insert(new vscode.Position(0, 0), '}'));
    await rejects(accounts.add({ name: 'Work', provider: 'leap0' }, 'key'), /settings/i);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    deepEqual([...keys], []);
    equal(accounts.count, 0);
    accounts.dispose();
    rmSync(folder, { recursive: true });
  });
});
