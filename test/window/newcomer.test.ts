import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EditorWindow, openWindow, viewIcon } from './editor.ts';

let window: EditorWindow;

beforeAll(async () => {
  window = await openWindow({ settings: { 'terminal.integrated.gpuAcceleration': 'off' } });
});

afterAll(async () => {
  await window.close();
});

const row = (text: string) => window.page.locator('.pane-body .monaco-list-row', { hasText: text });
const menu = (label: string) => window.page.locator('.monaco-menu .action-item', { hasText: label });
const terminal = () => window.page.locator('.terminal-wrapper.active .xterm-rows');

/** Runs an entry of a row's context menu. */
async function fromMenu(text: string, label: string): Promise<void> {
  await row(text).click({ button: 'right' });
  // A menu ignores a button that is released as soon as it opens.
  await menu(label).first().click({ delay: 300 });
}

/** A key may be quicker than the news of the selection is in the extension host. */
async function pressUntil(key: string, shown: string): Promise<void> {
  const press = async () => {
    await window.page.keyboard.press(key);
    return window.page.locator(shown).first().isVisible();
  };
  await expect.poll(press, { interval: 500, timeout: 20_000 }).toBe(true);
}

async function showsState(state: string): Promise<void> {
  await row('debian-1')
    .locator('.label-description', { hasText: new RegExp(`^${state}`) })
    .waitFor();
}

test('a newcomer clicks the icon and finds a welcome and a button', async () => {
  await viewIcon(window.page).click();
  await window.page.locator('.welcome-view-content .monaco-button', { hasText: 'Create Sandbox' }).waitFor();
  await window.screenshot('welcome');
});

test('creates a sandbox with Enter, Enter, Enter, and sees it', async () => {
  await window.page.locator('.welcome-view-content .monaco-button', { hasText: 'Create Sandbox' }).click();
  const title = window.page.locator('.quick-input-titlebar');
  for (const step of [1, 2, 3]) {
    await title.filter({ hasText: `${step}/3` }).waitFor();
    await window.screenshot(`wizard-${step}`);
    await window.page.keyboard.press('Enter');
  }
  await showsState('running · 1 vCPU · 1 GiB');
  await window.screenshot('created');
});

test('opens a terminal with the icon of the row, and works in it', async () => {
  await row('debian-1').hover();
  await row('debian-1').locator('.action-label[aria-label^="Open Terminal"]').click();
  await expect.poll(() => terminal().textContent(), { timeout: 20_000 }).toContain('$');
  await window.page.keyboard.type("printf 'caf\\xc3\\xa9 日本 '; echo $((6*7))\n");
  await expect.poll(() => terminal().textContent()).toContain('café 日本 42');
  await window.screenshot('terminal');
});

test('sees the session below its sandbox', async () => {
  await row('debian-1').locator('.monaco-tl-twistie').click();
  await row('attached').waitFor();
  await window.screenshot('session');
});

test('finds the session again after the window was reloaded', async () => {
  await window.reload();
  await window.openView();
  await row('debian-1').locator('.monaco-tl-twistie').click();
  await row('detached').waitFor();
  await row('detached').click();
  await expect.poll(() => terminal().textContent(), { timeout: 20_000 }).toContain('café 日本 42');
  await window.screenshot('attached-again');
});

test('ends the shell by closing its tab by hand', async () => {
  await window.runCommand('Terminal: Kill the Active Terminal Instance');
  await expect.poll(() => row('attached').count(), { timeout: 20_000 }).toBe(0);
  await row('debian-1').waitFor();
});

test('pauses, resumes, stops and starts it from its menu', async () => {
  await row('debian-1').click({ button: 'right' });
  await menu('Pause').first().waitFor();
  await window.screenshot('menu');
  await window.page.keyboard.press('Escape');
  for (const [label, state] of [
    ['Pause', 'paused'],
    ['Resume', 'running'],
    ['Stop', 'stopped'],
    ['Start', 'running'],
  ] as const) {
    await fromMenu('debian-1', label);
    await showsState(state);
    await window.screenshot(state);
  }
});

test('renames it with F2', async () => {
  await row('debian-1').click();
  await pressUntil('F2', '.quick-input-widget input');
  await window.page.keyboard.type('my agent');
  await window.page.keyboard.press('Enter');
  await row('my agent').waitFor();
});

test('deletes it with the Delete key, after being asked, and is welcomed again', async () => {
  await row('my agent').click();
  await pressUntil('Delete', '.monaco-dialog-box');
  const dialog = window.page.locator('.monaco-dialog-box');
  expect(await dialog.textContent()).toContain('Delete my agent?');
  await window.screenshot('delete');
  await dialog.locator('.monaco-button', { hasText: 'Delete' }).click();
  await window.page.locator('.welcome-view-content .monaco-button', { hasText: 'Create Sandbox' }).waitFor();
});
