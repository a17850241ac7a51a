import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EditorWindow, openWindow } from './editor.ts';
import { Explorer } from './explorer.ts';

let window: EditorWindow;
let explorer: Explorer;

beforeAll(async () => {
  window = await openWindow({
    settings: {
      'terminal.integrated.gpuAcceleration': 'off',
      'sandboxExplorer.terminal.location': 'editor',
    },
  });
  explorer = new Explorer(window);
  await window.openView();
  await explorer.create('debian-1');
});

afterAll(async () => {
  await window.close();
});

const terminal = () => window.page.locator('.terminal-wrapper.active .xterm-rows');
const status = (text: string) => window.page.locator('.statusbar-item', { hasText: text });
const press = (key: string) => window.page.keyboard.press(key);

test('asks for folder, shell, variables and ID, and says what is wrong where it was typed', async () => {
  await explorer.fromMenu('debian-1', 'New Terminal…');
  await explorer.step(1, 4);
  await explorer.box('/home/user').fill('tmp');
  await explorer.boxMessage('absolute path').waitFor();
  await window.screenshot('new-terminal-folder');
  await explorer.box('/home/user').fill('/tmp');
  await press('Enter');
  await explorer.step(2, 4);
  await window.screenshot('new-terminal-shell');
  await explorer.choices().filter({ hasText: 'Another shell…' }).click();
  await explorer.box('/usr/bin/fish').fill('/bin/sh -c id');
  await explorer.boxMessage('letters, digits').waitFor();
  await explorer.box('/usr/bin/fish').fill('/bin/sh');
  await press('Enter');
  await explorer.step(3, 4);
  await explorer.box('NAME=value').fill('1X=y');
  await explorer.boxMessage('begins with no digit').waitFor();
  await explorer.box('NAME=value').fill("GREETING=it's 日本");
  await press('Enter');
  await explorer.boxMessage('Set so far: GREETING').waitFor();
  await window.screenshot('new-terminal-variables');
  await press('Enter');
  await explorer.step(4, 4);
  await explorer.box('my-session').fill('a b');
  await explorer.boxMessage('An ID begins with').waitFor();
  await explorer.box('my-session').fill('agent-1');
  await press('Enter');
  await expect.poll(() => terminal().textContent(), { timeout: 20_000 }).toContain('exec /bin/sh');
  await window.page.keyboard.type('echo "<$0|$PWD|$GREETING>"\n');
  await expect.poll(() => terminal().textContent()).toContain("</bin/sh|/tmp|it's 日本>");
  await window.screenshot('new-terminal');
});

test('refuses an ID that is taken where it is typed, and a step back loses nothing', async () => {
  await explorer.fromMenu('debian-1', 'New Terminal…');
  await explorer.step(1, 4);
  await explorer.box('/home/user').fill('/var');
  await press('Enter');
  await explorer.step(2, 4);
  await explorer.choices().filter({ hasText: 'Default shell' }).waitFor();
  await press('Enter');
  await explorer.step(3, 4);
  await explorer.box('NAME=value').fill('KEPT=1');
  await press('Enter');
  await explorer.boxMessage('Set so far: KEPT').waitFor();
  await window.page.locator('.quick-input-titlebar .codicon-quick-input-back').click();
  await explorer.step(2, 4);
  await press('Enter');
  await explorer.boxMessage('Set so far: KEPT').waitFor();
  await press('Enter');
  await explorer.step(4, 4);
  await explorer.box('my-session').fill('agent-1');
  await explorer.boxMessage('There is a session agent-1 already.').waitFor();
  await press('Enter');
  await explorer.step(4, 4);
  await press('Escape');
});

test('tells in the status bar where the terminal in front is, and offers there what can be done', async () => {
  await status('debian-1 · 8 h left').click();
  await explorer.choices().filter({ hasText: 'Pause' }).waitFor();
  await window.screenshot('status-actions');
  expect(await explorer.choices().filter({ hasText: 'Resume' }).count()).toBe(0);
  await explorer.choices().filter({ hasText: 'Pause' }).click();
  await explorer.showsState('debian-1', 'paused');
  await status('debian-1 · paused').waitFor();
  await window.screenshot('status-paused');
  await explorer.fromMenu('debian-1', 'Resume');
  await status('debian-1 · 8 h left').waitFor();
});

test('tells nothing in the status bar when no terminal of a sandbox is in front', async () => {
  await window.runCommand('View: Close All Editors');
  await expect.poll(() => status('debian-1 ·').count()).toBe(0);
});

test('shows the details as a document that follows the sandbox', async () => {
  await explorer.fromMenu('debian-1', 'Show Details');
  const editor = window.page.locator('.editor-instance .view-lines');
  await expect.poll(() => editor.textContent()).toContain('"running"');
  await window.screenshot('details');
  await explorer.fromMenu('debian-1', 'Stop');
  await expect.poll(() => editor.textContent()).toContain('"stopped"');
});

test('still shows them after the window was reloaded', async () => {
  // A browser's window writes down every five seconds which editors it has.
  await delay(6_000);
  await window.reload();
  const editor = window.page.locator('.editor-instance .view-lines');
  await expect.poll(() => editor.textContent(), { timeout: 20_000 }).toContain('"stopped"');
});

test('is offered where people look for remote machines', async () => {
  await window.page
    .locator('.statusbar-item a[aria-label^="remote"], .statusbar-item .codicon-remote')
    .first()
    .click();
  await explorer.choices().filter({ hasText: 'Show Explorer' }).waitFor();
  await window.screenshot('remote-menu');
  for (const label of ['Open Terminal', 'Create Sandbox…', 'Show Explorer']) {
    expect(await explorer.choices().filter({ hasText: label }).count()).toBe(1);
  }
  await explorer.choices().filter({ hasText: 'Show Explorer' }).click();
  await explorer.row('debian-1').waitFor();
});
