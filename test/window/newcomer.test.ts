import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EditorWindow, openWindow, viewIcon } from './editor.ts';
import { Explorer } from './explorer.ts';

let window: EditorWindow;
let explorer: Explorer;

beforeAll(async () => {
  window = await openWindow({ settings: { 'terminal.integrated.gpuAcceleration': 'off' } });
  explorer = new Explorer(window);
});

afterAll(async () => {
  await window.close();
});

const row = (text: string) => explorer.row(text);
const terminal = () => window.page.locator('.terminal-wrapper.active .xterm-rows');

test('a newcomer clicks the icon and finds a welcome and a button', async () => {
  await viewIcon(window.page).click();
  await window.page.locator('.welcome-view-content .monaco-button', { hasText: 'Create Sandbox' }).waitFor();
  await window.screenshot('welcome');
});

test('creates a sandbox with Enter, Enter, Enter, and sees it', async () => {
  await window.page.locator('.welcome-view-content .monaco-button', { hasText: 'Create Sandbox' }).click();
  for (const step of [1, 2, 3]) {
    await explorer.step(step, 3);
    await window.screenshot(`wizard-${step}`);
    await window.page.keyboard.press('Enter');
  }
  await explorer.showsState('debian-1', 'running · 8 h left · 1 vCPU · 1 GiB');
  await window.screenshot('created');
});

test('opens a terminal with the icon of the row, and works in it', async () => {
  await explorer.clickIcon('debian-1', 'Open Terminal');
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
  await explorer.menu('Pause').first().waitFor();
  await window.screenshot('menu');
  await window.page.keyboard.press('Escape');
  for (const [label, state] of [
    ['Pause', 'paused'],
    ['Resume', 'running'],
    ['Stop', 'stopped'],
    ['Start', 'running'],
  ] as const) {
    await explorer.fromMenu('debian-1', label);
    await explorer.showsState('debian-1', state);
    await window.screenshot(state);
  }
});

test('renames it with F2', async () => {
  await row('debian-1').click();
  await explorer.pressUntil('F2', '.quick-input-widget input');
  await window.page.keyboard.type('my agent');
  await window.page.keyboard.press('Enter');
  await row('my agent').waitFor();
});

test('deletes it with the Delete key, after being asked, and is welcomed again', async () => {
  await row('my agent').click();
  await explorer.pressUntil('Delete', '.monaco-dialog-box');
  const dialog = window.page.locator('.monaco-dialog-box');
  expect(await dialog.textContent()).toContain('Delete my agent?');
  await window.screenshot('delete');
  await dialog.locator('.monaco-button', { hasText: 'Delete' }).click();
  await window.page.locator('.welcome-view-content .monaco-button', { hasText: 'Create Sandbox' }).waitFor();
});
