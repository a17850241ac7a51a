import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EditorWindow, openWindow } from './editor.ts';
import { Explorer } from './explorer.ts';

let window: EditorWindow;
let explorer: Explorer;

beforeAll(async () => {
  window = await openWindow({ viewport: { width: 1000, height: 700 } });
  explorer = new Explorer(window);
  await window.openView();
  for (const name of ['debian-1', 'debian-2', 'debian-3']) await explorer.create(name);
});

afterAll(async () => {
  await window.close();
});

const row = (text: string) => explorer.row(text);
const dialog = () => window.page.locator('.monaco-dialog-box');

async function selectAll(): Promise<void> {
  await row('debian-1').click();
  await row('debian-3').click({ modifiers: ['Shift'] });
}

test('a menu over several rows has what can be done with all of them', async () => {
  await selectAll();
  await row('debian-2').click({ button: 'right' });
  await explorer.menu('Stop').waitFor();
  await window.screenshot('menu-of-many');
  const labels = await window.page.locator('.monaco-menu .action-item .action-label').allTextContents();
  expect(labels.filter((label) => label.trim())).toEqual(['Pause', 'Stop', 'Copy ID', 'Delete…']);
  await window.page.keyboard.press('Escape');
});

test('stops several at once from their menu', async () => {
  await selectAll();
  await explorer.fromMenu('debian-2', 'Stop');
  for (const name of ['debian-1', 'debian-2', 'debian-3']) await explorer.showsState(name, 'stopped');
});

test('the icon of a selected row means all that are selected, and tells what it left out', async () => {
  await row('debian-1').click();
  await explorer.fromMenu('debian-1', 'Start');
  await explorer.showsState('debian-1', 'running');
  await selectAll();
  await explorer.clickIcon('debian-3', 'Start');
  await explorer.showsState('debian-2', 'running');
  await explorer.showsState('debian-3', 'running');
  const toast = window.page.locator('.notification-toast', { hasText: 'Not started: debian-1 is running.' });
  await toast.waitFor();
  await window.screenshot('left-out');
  await window.runCommand('Notifications: Clear All Notifications');
});

test('deletes what is selected with the Delete key, after one question with all names', async () => {
  await row('debian-1').click();
  await row('debian-2').click({ modifiers: ['ControlOrMeta'] });
  await explorer.pressUntil('Delete', '.monaco-dialog-box');
  await window.screenshot('delete-many');
  const text = await dialog().textContent();
  expect(text).toContain('Delete 2 sandboxes?');
  expect(text).toMatch(/debian-\d\s*debian-\d/);
  expect(text).not.toContain('debian-3');
  await dialog().locator('.monaco-button', { hasText: 'Delete' }).click();
  await expect.poll(() => row('debian').count()).toBe(1);
});

test('deletes all that are stopped from the menu of their account', async () => {
  await explorer.fromMenu('debian-3', 'Stop');
  await explorer.showsState('debian-3', 'stopped');
  await explorer.create('debian-1');
  await explorer.fromMenu('debian-1', 'Stop');
  await explorer.showsState('debian-1', 'stopped');
  await explorer.create('debian-2');
  await explorer.fromMenu('Local', 'Delete All Stopped…');
  await dialog().waitFor();
  await window.screenshot('delete-all-stopped');
  expect(await dialog().textContent()).toContain('Delete all 2 stopped sandboxes in Local?');
  await dialog().locator('.monaco-button', { hasText: 'Delete' }).click();
  await expect.poll(() => row('debian').count()).toBe(1);
  await row('debian-2').waitFor();
});
