import { deepEqual, equal, match } from 'node:assert/strict';
import * as vscode from 'vscode';
import type { SandboxInfo } from '../../src/window/api/types.ts';
import { CloudAccount } from './cloudAccount.ts';
import { answerNextWarning, command, toldDuring, until } from './helpers.ts';

describe('a sandbox that its service leaves half-way', () => {
  let account: CloudAccount;
  let stuck: SandboxInfo;
  let other: SandboxInfo;
  const { showInformationMessage, showWarningMessage } = vscode.window;
  const deletions = ({ id }: SandboxInfo) => account.count(`DELETE /v1/sandbox/${id}/`);

  before(async () => {
    account = await CloudAccount.add();
    stuck = await account.api.create({ account: account.id, name: 'stuck' });
    other = await account.api.create({ account: account.id, name: 'other' });
  });

  afterEach(() => Object.assign(vscode.window, { showInformationMessage, showWarningMessage }));

  after(() => account.remove());

  /** The service answers this state of it from now on, and refuses nothing. */
  async function leaveIn(state: string): Promise<void> {
    const { id } = stuck;
    const row = { id, state, template_id: 'tpl', vcpu: 1, memory: 1024, timeout: 3600, auto_pause: true };
    account.cloud.instead = (call) => {
      if (call === `GET /v1/sandbox/${id}/`) return [200, { ...row, created_at: 1 }];
      return call === `DELETE /v1/sandbox/${id}/` ? [500, { message: 'Out of order' }] : undefined;
    };
    await account.api.get(stuck.key);
  }

  it('is deleted when it never comes to run, after the usual question', async () => {
    await leaveIn('starting');
    const asked = answerNextWarning('Delete');
    const before = deletions(stuck);
    await toldDuring('showErrorMessage', () => command('delete', account.rowOf(stuck)));
    deepEqual(
      asked.map(({ message }) => message),
      ['Delete stuck?'],
    );
    equal(deletions(stuck) > before, true);
  });

  it('is not asked about while it is being deleted, but can be tried again where that does not end', async () => {
    await leaveIn('deleting');
    const asked = answerNextWarning('Delete');
    const told: string[] = [];
    Object.assign(vscode.window, {
      showInformationMessage: async (text: string, ...buttons: string[]) => {
        told.push(text);
        return buttons.find((button) => button === 'Try Again');
      },
    });
    const before = deletions(stuck);
    await toldDuring('showErrorMessage', async () => {
      await command('delete', account.rowOf(stuck));
      await until('the second try', () => deletions(stuck) > before || undefined);
    });
    deepEqual(told, ['stuck is deleting: if that does not come to an end, try again.']);
    equal(asked.length, 0);
  });

  it('is left out before the question about several', async () => {
    await leaveIn('deleting');
    const asked = answerNextWarning('');
    const rows = [stuck, other].map((info) => account.rowOf(info));
    const told = await toldDuring('showInformationMessage', () => command('delete', rows[0], rows));
    deepEqual(
      asked.map(({ message }) => message),
      ['Delete other?'],
    );
    match(told[0]?.message ?? '', /^stuck is deleting: /);
    const before = asked.length;
    await toldDuring('showInformationMessage', () => command('delete', rows[0], [rows[0]]));
    equal(asked.length, before);
  });

  for (const [name, question] of [
    ['rename', 'showInputBox'],
    ['revokeSshAccess', 'showWarningMessage'],
    ['regenerateSshAccess', 'showWarningMessage'],
    ['createAgain', 'showWarningMessage'],
    ['snapshot', 'createInputBox'],
    ['openFolderInRemoteSsh', 'showInputBox'],
    ['forwardPort', 'createInputBox'],
    ['copyPortUrl', 'createQuickPick'],
    ['newTerminal', 'createInputBox'],
  ] as const) {
    it(`is refused before anything is asked: ${name}`, async () => {
      await leaveIn('deleting');
      const original = vscode.window[question];
      let asked = 0;
      const ask = () => {
        asked++;
        throw new Error('asked');
      };
      Object.assign(vscode.window, { [question]: ask });
      try {
        const told = await toldDuring('showErrorMessage', () => command(name, account.rowOf(stuck)));
        match(told[0]?.message ?? '', /^stuck is deleting: /);
      } finally {
        Object.assign(vscode.window, { [question]: original });
      }
      equal(asked, 0);
    });
  }

  it('takes no command that its state does not allow, and says which state that is', async () => {
    await leaveIn('deleting');
    const told = await toldDuring('showInformationMessage', () => command('pause', account.rowOf(stuck)));
    deepEqual(
      told.map(({ message }) => message),
      ['Not paused: stuck is deleting.'],
    );
  });
});
