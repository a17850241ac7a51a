import { deepEqual, equal, match, ok } from 'node:assert/strict';
import * as vscode from 'vscode';
import type { SandboxRecord } from '../../src/sandboxes/sandbox.ts';
import { command, makeSandboxes, observer, row, until } from './helpers.ts';

describe('the details of a sandbox', () => {
  let sandbox: SandboxRecord;
  let document: vscode.TextDocument;
  const shown = () => JSON.parse(document.getText());
  const rename = async (name: string) => {
    const original = vscode.window.showInputBox;
    Object.assign(vscode.window, { showInputBox: async () => name });
    await command('rename', row(sandbox));
    Object.assign(vscode.window, { showInputBox: original });
  };

  before(async () => {
    const [made] = await makeSandboxes(1);
    ok(made);
    sandbox = made;
    await command('showDetails', row(sandbox));
    const editor = vscode.window.activeTextEditor;
    ok(editor);
    ({ document } = editor);
  });

  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await rename('');
    if (await observer.get(sandbox.id).catch(() => undefined)) await observer.delete(sandbox.id);
    await command('refresh');
  });

  it('are a document that nobody can change, and that need not be saved', async () => {
    equal(document.languageId, 'json');
    await vscode.commands.executeCommand('type', { text: 'x' });
    equal(document.isDirty, false);
    ok(document.getText().startsWith('{'));
  });

  it('tell everything that is known of it', async () => {
    await until('all details are there', () => shown().memoryMib !== undefined);
    const { account, id, state, template, vcpu, memoryMib, autoPause, sessions } = shown();
    deepEqual([account, id, state, vcpu, memoryMib], ['Local', sandbox.id, 'running', 1, 1024]);
    deepEqual([template, autoPause, sessions], [sandbox.template, true, []]);
    equal(new Date(shown().createdAt).getTime(), sandbox.createdAt);
  });

  it('follow it as it changes', async () => {
    await command('pause', row(sandbox));
    await until('it is shown as paused', () => shown().state === 'paused');
    await command('resume', row(sandbox));
    await until('it is shown as running', () => shown().state === 'running');
  });

  it('are in a tab that follows when the sandbox gets another name, in its place and as it was', async () => {
    await vscode.commands.executeCommand('workbench.action.keepEditor');
    const [behind] = await makeSandboxes(1);
    ok(behind);
    await command('showDetails', row(behind));
    await rename('my agent');
    const tabs = await until('the tab has the new name', () => {
      const all = vscode.window.tabGroups.activeTabGroup.tabs;
      return all.some(({ label }) => label === 'my agent.json') ? all : undefined;
    });
    deepEqual(
      tabs.map(({ label, isActive }) => [label, isActive]),
      [
        ['my agent.json', false],
        [`${behind.id}.json`, true],
      ],
    );
    await observer.delete(behind.id);
    await command('showDetails', row(sandbox));
    ({ document } = await until('it is shown again', () => vscode.window.activeTextEditor));
    await until('the name is told', () => shown().name === 'my agent');
    equal(vscode.window.tabGroups.activeTabGroup.tabs.length, 2);
    await vscode.commands.executeCommand('type', { text: 'x' });
    equal(document.isDirty, false);
  });

  it('hold no secret', async () => {
    await rename('Bearer 0123456789');
    const movedTo = () =>
      vscode.workspace.textDocuments.find(
        ({ uri }) => uri.path.startsWith('/Bearer') && uri.scheme === document.uri.scheme,
      );
    document = await until('the document has the new name', movedTo);
    await until('the new name', () => shown().name !== sandbox.id);
    match(shown().name, /^Bearer •+$/);
    ok(!document.getText().includes('0123456789'));
  });

  it('say that it is gone, and what was last known of it', async () => {
    await observer.delete(sandbox.id);
    await command('refresh');
    await until('it is told', () => shown().gone !== undefined);
    equal(shown().gone, 'This sandbox no longer exists.');
    equal(shown().lastKnown.id, sandbox.id);
  });
});
