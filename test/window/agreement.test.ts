import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EditorWindow, openWindow } from './editor.ts';

let one: EditorWindow;
let other: EditorWindow;

beforeAll(async () => {
  one = await openWindow();
  other = await one.another();
  await one.openView();
  await other.openView();
});

afterAll(async () => {
  await other.close();
  await one.close();
});

const rowIn = ({ page }: EditorWindow, text: string) =>
  page.locator('.pane-body .monaco-list-row', { hasText: text });
const stateIn = (window: EditorWindow, name: string, state: string) =>
  rowIn(window, name).locator('.label-description', { hasText: new RegExp(`^${state}`) });

/** Runs an entry of a row's context menu. */
async function fromMenu(window: EditorWindow, name: string, label: string): Promise<void> {
  await rowIn(window, name).click({ button: 'right' });
  // A menu ignores a button that is released as soon as it opens.
  await window.page.locator('.monaco-menu .action-item', { hasText: label }).first().click({ delay: 300 });
}

test('a sandbox that one window creates stands in the other one', async () => {
  await one.runCommand('Sandbox: Create Sandbox…');
  for (const step of [1, 2, 3]) {
    await one.page.locator('.quick-input-titlebar', { hasText: `${step}/3` }).waitFor();
    await one.page.keyboard.press('Enter');
  }
  await stateIn(one, 'debian-1', 'running').waitFor();
  await stateIn(other, 'debian-1', 'running').waitFor({ timeout: 10_000 });
  await other.screenshot('agreement-created');
});

test('a name that the other window gives stands in the first one', async () => {
  await fromMenu(other, 'debian-1', 'Rename');
  await other.page.locator('.quick-input-widget input').waitFor();
  await other.page.keyboard.type('my agent');
  await other.page.keyboard.press('Enter');
  await rowIn(other, 'my agent').waitFor();
  await rowIn(one, 'my agent').waitFor({ timeout: 10_000 });
});

test('a pause is seen, and so is the end', async () => {
  await fromMenu(one, 'my agent', 'Pause');
  await stateIn(other, 'my agent', 'paused').waitFor({ timeout: 20_000 });
  await fromMenu(other, 'my agent', 'Delete');
  await other.page.locator('.monaco-dialog-box .monaco-button', { hasText: 'Delete' }).click();
  await expect.poll(() => rowIn(other, 'my agent').count(), { timeout: 20_000 }).toBe(0);
  await expect.poll(() => rowIn(one, 'my agent').count(), { timeout: 10_000 }).toBe(0);
});

test('a name outlives the windows', async () => {
  await one.runCommand('Sandbox: Create Sandbox…');
  for (const step of [1, 2, 3]) {
    await one.page.locator('.quick-input-titlebar', { hasText: `${step}/3` }).waitFor();
    await one.page.keyboard.press('Enter');
  }
  await stateIn(one, 'debian-1', 'running').waitFor();
  await one.reload();
  await stateIn(one, 'debian-1', 'running').waitFor();
});
