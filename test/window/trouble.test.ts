import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type EditorWindow, openWindow } from './editor.ts';

let window: EditorWindow;

afterEach(async () => {
  await window.close();
});

const openWith = async (dataFolder: string) => {
  window = await openWindow({ settings: { 'sandboxExplorer.local.dataFolder': dataFolder } });
  await window.openView();
};

test('an account that cannot be reached says why, and offers to try again and to show the log', async () => {
  await openWith('/etc/passwd/below');
  const failure = window.page.locator('.pane-body .monaco-list-row', {
    hasText: 'The local engine did not start',
  });
  await failure.waitFor();
  expect(await failure.textContent()).not.toMatch(/ at |Error:/);
  await failure.hover();
  await window.screenshot('failure');
  expect(await failure.locator('.action-label[aria-label^="Retry"]').count()).toBe(1);
  await failure.locator('.action-label[aria-label^="Show Log"]').click();
  const log = window.page
    .locator('.output-view-content, .view-lines', { hasText: 'GET /v1/sandboxes' })
    .first();
  await log.waitFor();
});

test('a setting that cannot be used is told where it was read, and its button shows it in the settings', async () => {
  await openWith('sandboxes');
  const failure = window.page.locator('.pane-body .monaco-list-row', { hasText: 'must be an absolute path' });
  await failure.hover();
  await window.screenshot('wrong-setting');
  await failure.locator('.action-label[aria-label^="Settings"]').click();
  const setting = window.page.locator('.settings-editor .setting-item-contents', { hasText: 'Data Folder' });
  await setting.waitFor();
  await window.screenshot('settings');
});

test('text from a service never becomes a link that runs a command', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-explorer-'));
  const hostile = join(folder, '[Sign_in_again](command:workbench.action.quickOpen)');
  await writeFile(hostile, 'a file, where a folder should be');
  await openWith(hostile);
  await window.runCommand('Sandbox: Pause');
  const toast = window.page.locator('.notification-toast', { hasText: 'Sign_in_again' });
  await toast.waitFor();
  await window.screenshot('no-link');
  expect(await toast.locator('.notification-list-item-message a').count()).toBe(0);
  await rm(folder, { recursive: true });
});
