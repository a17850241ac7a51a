import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EditorWindow, openWindow } from './editor.ts';
import { Explorer } from './explorer.ts';

let window: EditorWindow;
let explorer: Explorer;

beforeAll(async () => {
  window = await openWindow({ theme: 'Default Dark Modern', viewport: { width: 900, height: 600 } });
  explorer = new Explorer(window);
});

afterAll(async () => {
  await window.close();
});

const row = (text: string) => explorer.row(text);
const box = (placeholder: string) => explorer.box(placeholder);
const choices = () => explorer.choices();

test('a number that is out of range is answered where it was typed, and a step back loses nothing', async () => {
  await window.openView();
  await window.runCommand('Sandbox: Create Sandbox…');
  await explorer.step(1, 3);
  await window.page.keyboard.press('Enter');
  await choices().filter({ hasText: 'Another size…' }).click();
  await box('vCPU').fill('9');
  await explorer.boxMessage('from 1 to 8').waitFor();
  await window.page.keyboard.press('Enter');
  await window.screenshot('out-of-range');
  await box('vCPU').fill('2');
  await window.page.keyboard.press('Enter');
  await box('Memory').fill('513');
  await explorer.boxMessage('an even number from 512 to 8192').waitFor();
  await box('Memory').fill('2048');
  await window.page.keyboard.press('Enter');
  await explorer.step(3, 3);
  await window.page.keyboard.press('Enter');
  await row('debian-1').locator('.label-description', { hasText: '2 vCPU · 2 GiB' }).waitFor();
});

test('a step back finds what was chosen there', async () => {
  await window.runCommand('Sandbox: Create Sandbox…');
  await explorer.step(1, 3);
  await window.page.keyboard.press('Enter');
  await explorer.step(2, 3);
  await choices().filter({ hasText: '4 vCPU' }).click();
  await explorer.step(3, 3);
  await window.page.locator('.quick-input-titlebar .codicon-quick-input-back').click();
  await explorer.step(2, 3);
  await window.page.locator('.quick-input-list .monaco-list-row.focused', { hasText: '4 vCPU' }).waitFor();
  await window.page.keyboard.press('Escape');
});

test('a command from the palette asks which sandbox, and offers only those it is possible for', async () => {
  await explorer.create('debian-2');
  await row('debian-1').click();
  await row('debian-2').click({ modifiers: ['ControlOrMeta'] });
  await window.runCommand('Sandbox: Pause');
  await choices().filter({ hasText: 'debian-2' }).waitFor();
  expect(await choices().count()).toBe(2);
  await window.screenshot('picker');
  await choices().filter({ hasText: 'debian-2' }).click();
  await explorer.showsState('debian-2', 'paused');
});

test('a command from the palette asks nothing where there is one answer', async () => {
  await window.runCommand('Sandbox: Resume');
  await explorer.showsState('debian-2', 'running');
});

test('a command from the palette means the sandbox that is selected, as long as that is seen', async () => {
  await row('debian-1').click();
  await window.runCommand('Sandbox: Pause');
  await explorer.showsState('debian-1', 'paused');
  await window.runCommand('Sandbox: Resume');
  await explorer.showsState('debian-1', 'running');
  await window.runCommand('View: Show Explorer');
  await window.runCommand('Sandbox: Pause');
  await choices().filter({ hasText: 'debian-2' }).waitFor();
  expect(await choices().count()).toBe(2);
  await window.page.keyboard.press('Escape');
  await window.openView();
});

test('a command from the palette that loses what is in memory has its sandbox picked', async () => {
  await row('debian-1').click();
  await window.runCommand('Sandbox: Stop');
  await explorer.box('Choose the sandbox to stop').waitFor();
  await window.page.keyboard.press('Escape');
});

test('the name of a row can be read beside its icons, in a sidebar of its default width', async () => {
  const width = async (part: string) => (await row('debian-1').locator(part).boundingBox())?.width ?? 0;
  await row('debian-1').click();
  await row('debian-2').hover();
  await window.screenshot('icons');
  expect(await row('debian-1').locator('.actions .action-label').count()).toBe(2);
  expect(await width('.monaco-icon-label-container')).toBeGreaterThan(await width('.label-name'));
});

test('looks right in a dark and narrow window', async () => {
  const sash = await window.page.locator('.sidebar').boundingBox();
  await window.page.mouse.move((sash?.x ?? 0) + (sash?.width ?? 0) + 1, 300);
  await window.page.mouse.down();
  await window.page.mouse.move((sash?.x ?? 0) + 190, 300, { steps: 5 });
  await window.page.mouse.up();
  await window.page.mouse.move(600, 300);
  await window.screenshot('dark-narrow');
  expect(await row('debian').count()).toBe(2);
});

test('a tooltip tells everything that is known', async () => {
  await row('debian-2').hover();
  const hover = window.page.locator('.monaco-hover', { hasText: 'system/debian:bookworm' });
  await hover.waitFor();
  await window.screenshot('tooltip');
  expect(await hover.textContent()).toContain('sbx-');
});
