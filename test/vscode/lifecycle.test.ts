import { deepEqual, equal, match } from 'node:assert/strict';
import * as vscode from 'vscode';
import type { SandboxRecord } from '../../src/sandboxes/sandbox.ts';
import {
  answerNextWarning,
  command,
  createWithDefaults,
  observer,
  row,
  toldDuring,
  until,
} from './helpers.ts';

describe('the lifecycle by commands', () => {
  let sandbox: SandboxRecord;
  const state = async () => (await observer.get(sandbox.id)).state;

  it('creates one sandbox with Enter, Enter, Enter', async () => {
    sandbox = await createWithDefaults();
    equal(sandbox.state, 'running');
    equal(sandbox.autoPause, true, 'nothing is lost when its time is over');
    deepEqual([sandbox.vcpu, sandbox.memoryMib, sandbox.timeoutSeconds], [1, 1024, 480 * 60]);
  });

  it('creates nothing twice by a double click', async () => {
    const before = (await observer.list()).length;
    const wizard = command('create');
    equal(await command('create'), undefined);
    let isClosed = false;
    void wizard.then(() => (isClosed = true));
    await until('the wizard is closed', async () => {
      await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
      return isClosed;
    });
    equal(await wizard, undefined);
    equal((await observer.list()).length, before);
  });

  for (const [name, expected] of [
    ['pause', 'paused'],
    ['resume', 'running'],
    ['stop', 'stopped'],
    ['start', 'running'],
  ] as const) {
    it(`${name} brings it to ${expected}, and only then is done`, async () => {
      await command(name, row(sandbox));
      equal(await state(), expected);
    });
  }

  it('copies its ID', async () => {
    await command('copyId', row(sandbox));
    equal(await vscode.env.clipboard.readText(), sandbox.id);
  });

  it('keeps it when the question is not answered with Delete', async () => {
    const asked = answerNextWarning('');
    await command('delete', row(sandbox));
    equal(asked.length, 1);
    equal(await state(), 'running');
  });

  it('deletes it after asking by name', async () => {
    const asked = answerNextWarning('Delete');
    await command('delete', row(sandbox));
    deepEqual(
      asked.map(({ message }) => message),
      ['Delete debian-1?'],
    );
    equal((await observer.list()).length, 0);
  });

  it('answers a command on a sandbox that was deleted elsewhere with a message, not an exception', async () => {
    const told = await toldDuring('showErrorMessage', () => command('pause', row(sandbox)));
    equal(told.length, 1);
    match(told[0]?.message ?? '', /no longer exists/);
  });
});
