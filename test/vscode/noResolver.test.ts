import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import type { SandboxRecord } from '../../src/sandboxes/sandbox.ts';
import {
  answerNextWarning,
  command,
  makeSandboxes,
  observer,
  row,
  toldDuring,
  type Told,
} from './helpers.ts';
import { answeringAll, openedDuring, warnedDuring, type Asked } from './windows.ts';

describe('where nothing opens Remote-SSH windows', () => {
  const { all } = vscode.extensions;
  const property = Object.getOwnPropertyDescriptor(vscode.extensions, 'all');
  const setAll = (extensions: readonly unknown[]) =>
    Object.defineProperty(vscode.extensions, 'all', { ...property, get: () => extensions });
  let sandbox: SandboxRecord;
  const open = () => command('openInRemoteSsh', row(sandbox));

  before(async () => {
    const [made] = await makeSandboxes(1);
    ok(made);
    sandbox = made;
    const others = all.filter(({ id }) => id !== 'test.resolver');
    ok(property && others.length < all.length, 'the stand-in is there');
    setAll(others);
  });

  after(async () => {
    setAll(all);
    answerNextWarning('Remove');
    await command('removeSshIntegration');
    await observer.delete(sandbox.id);
  });

  it('says what to do, and copies a command that works without', async () => {
    let asked: Asked[] = [];
    await vscode.env.clipboard.writeText('');
    const opened = await openedDuring(async () => {
      asked = await answeringAll(['Copy SSH Command'], open);
    });
    deepEqual(opened, []);
    match(asked[0]?.message ?? '', /needs an extension for Remote-SSH, such as jeanp413\.open-remote-ssh/);
    const line = await vscode.env.clipboard.readText();
    ok(line.startsWith(`ssh -F ${homedir()}/.ssh/`), line);
  });

  it('tells that it could not be installed, and why, and opens no window', async () => {
    let told: Told[] = [];
    const opened = await openedDuring(async () => {
      told = await toldDuring('showErrorMessage', () => answeringAll(['Install Remote-SSH'], open));
    });
    deepEqual(opened, []);
    equal(told.length, 1);
    match(told[0]?.message ?? '', /^jeanp413\.open-remote-ssh could not be installed: .*gallery/);
    ok(told[0]?.buttons.includes('Show in Extensions'));
  });

  it('is silent when the user has second thoughts', async () => {
    const told = await toldDuring('showErrorMessage', () =>
      installing(
        () => Promise.reject(Object.assign(new Error('Canceled'), { name: 'Canceled' })),
        () => answeringAll(['Install Remote-SSH'], open),
      ),
    );
    deepEqual(told, []);
  });

  it('has that one installed that the user agrees to, and opens the window when VS Code knows it', async () => {
    const installed: unknown[][] = [];
    const known = new vscode.EventEmitter<void>();
    const event = Object.getOwnPropertyDescriptor(vscode.extensions, 'onDidChange');
    Object.defineProperty(vscode.extensions, 'onDidChange', { ...event, get: () => known.event });
    const opened = await openedDuring(() =>
      installing(
        async (...args) => {
          installed.push(args);
          setTimeout(() => {
            setAll(all);
            known.fire();
          });
        },
        () => answeringAll(['Install Remote-SSH', 'Add'], open),
      ),
    );
    Object.defineProperty(vscode.extensions, 'onDidChange', event ?? {});
    deepEqual(installed, [['jeanp413.open-remote-ssh']]);
    deepEqual(
      opened.map(({ id }) => id),
      ['vscode.newWindow'],
    );
  });

  it('says what to do where VS Code goes on not to know it', async () => {
    setAll(all.filter(({ id }) => id !== 'test.resolver'));
    const warned = await warnedDuring(() =>
      installing(
        async () => undefined,
        () => answeringAll(['Install Remote-SSH'], open),
      ),
    );
    match(warned[0]?.message ?? '', /is installed, but this window cannot use it yet\. Reload the window/);
    deepEqual(warned[0]?.buttons, ['Reload Window']);
  });
});

/** Runs a task; what VS Code would get from a marketplace is got like this instead. */
async function installing(
  install: (...args: unknown[]) => Promise<unknown>,
  task: () => PromiseLike<unknown>,
): Promise<void> {
  const original = vscode.commands.executeCommand;
  const patched = (id: string, ...args: unknown[]) =>
    id === 'workbench.extensions.installExtension' ? install(...args) : original(id, ...args);
  Object.assign(vscode.commands, { executeCommand: patched });
  try {
    await task();
  } finally {
    Object.assign(vscode.commands, { executeCommand: original });
  }
}
