import { execFile } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EditorWindow, openWindow } from './editor.ts';
import { Explorer } from './explorer.ts';

let window: EditorWindow;
let explorer: Explorer;

beforeAll(async () => {
  window = await openWindow();
  explorer = new Explorer(window);
  await window.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await window.openView();
  await explorer.create('debian-1');
});

afterAll(async () => {
  await window.close();
});

const config = () => join(window.profile.home, '.ssh/config');
const accessFolder = () => join(window.profile.home, '.ssh/sandbox-explorer/access');
const dialog = () => window.page.locator('.monaco-dialog-box');
const toast = (text: string) => window.page.locator('.notification-toast', { hasText: text });
const clipboard = () => window.page.evaluate<string>('navigator.clipboard.readText()');

/** The host of the only sandbox. */
const host = () => (readdirSync(accessFolder())[0] ?? '').replace('.json', '');

/** What a person's own terminal prints. */
function shell(line: string): Promise<string> {
  return new Promise((resolve) =>
    execFile('/bin/sh', ['-c', line], { timeout: 60_000 }, (_, stdout, stderr) => resolve(stdout + stderr)),
  );
}

async function fromSshMenu(label: string): Promise<void> {
  await explorer.row('debian-1').click({ button: 'right' });
  await window.page.locator('.monaco-menu .action-item:has(.submenu-indicator)', { hasText: 'SSH' }).hover();
  await explorer.menu(label).last().click({ delay: 300 });
}

test('the icon of a row asks for the one line in the SSH config, and Not Now leaves that alone', async () => {
  await explorer.clickIcon('debian-1', 'Open in Remote-SSH');
  await dialog().waitFor();
  await window.screenshot('ssh-consent');
  const text = (await dialog().textContent()) ?? '';
  expect(text).toContain(config());
  expect(text).toContain(`Include "${window.profile.home}/.ssh/sandbox-explorer/config"`);
  await dialog().locator('.monaco-button', { hasText: 'Not Now' }).click();
  await toast('without the line').waitFor();
  await window.screenshot('ssh-not-now');
  expect(existsSync(join(window.profile.home, '.ssh'))).toBe(false);
});

test('opens a folder of the sandbox in a new window, once the line is there', async () => {
  const opened = window.page.context().waitForEvent('page');
  await fromSshMenu('Open Folder in Remote-SSH…');
  await explorer.box('/home/user').fill('/home/user/project');
  await window.page.keyboard.press('Enter');
  await dialog().locator('.monaco-button', { hasText: 'Add' }).click();
  const page = await opened;
  // A browser's window can only be on its own server, so the host is left out of its address.
  expect(decodeURIComponent(page.url())).toContain('/home/user/project');
  await page.close();
  expect(readFileSync(config(), 'utf8')).toMatch(/^Include "/);
});

test('a config that runs a slow program is read once for a click, which shows that it is', async () => {
  const before = readFileSync(config(), 'utf8');
  const ran = join(window.profile.home, 'ran');
  const slow = `Match exec "printf x >> '${ran}'; sleep 4"\n  Compression yes\n`;
  const socket = `Host *\n  ControlPath ~/.ssh/${'masters'.repeat(12)}/%r@%h:%p\n`;
  writeFileSync(config(), `${before}${slow}${socket}`);
  await explorer.clickIcon('debian-1', 'Open in Remote-SSH');
  await toast('Reading your SSH config…').waitFor();
  await window.screenshot('ssh-reading');
  await toast('Use %C in place of names').waitFor();
  await window.screenshot('ssh-control-path');
  expect(readFileSync(ran, 'utf8')).toBe('x');
  await toast('Use %C in place of names').locator('.monaco-button', { hasText: 'Show Line' }).click();
  await window.page.locator('.tab', { hasText: 'config' }).waitFor();
  writeFileSync(config(), before);
});

test('copies a command that a terminal of any kind gets into the sandbox with', async () => {
  await fromSshMenu('Copy SSH Command');
  await expect.poll(clipboard).toBe(`ssh -F ${config()} ${host()}`);
  expect(await shell(`${await clipboard()} 'id -un; pwd'`)).toMatch(/\/home\/user\n$/);
});

test('shows the access, and its password only to whoever asks for it', async () => {
  await fromSshMenu('Show SSH Access');
  const password = explorer.choices().filter({ hasText: 'Password' });
  await password.waitFor();
  await window.screenshot('ssh-access');
  const secret = JSON.parse(readFileSync(join(accessFolder(), `${host()}.json`), 'utf8')).access.password;
  expect(await password.textContent()).not.toContain(secret);
  await password.hover();
  await password.locator('.action-label').click();
  await explorer.choices().filter({ hasText: secret }).waitFor();
  await window.page.keyboard.press('Escape');
});

test('the menu of a row has all that can be done by SSH', async () => {
  await explorer.row('debian-1').click({ button: 'right' });
  await window.page.locator('.monaco-menu .action-item:has(.submenu-indicator)', { hasText: 'SSH' }).hover();
  await explorer.menu('Revoke SSH Access…').last().waitFor();
  await window.screenshot('ssh-menu');
  await window.page.keyboard.press('Escape');
  await window.page.keyboard.press('Escape');
});

test('a window that is opened again serves the hosts from its start', async () => {
  const folder = join(window.profile.home, '.ssh/sandbox-explorer/windows');
  const before = new Set(readdirSync(folder));
  await window.reload();
  const announced = () => readdirSync(folder).filter((name) => name.endsWith('.json') && !before.has(name));
  await expect.poll(announced, { timeout: 20_000 }).toHaveLength(1);
});

test('the entry works when no window is open any more, and renews what soon expires by itself', async () => {
  await window.quit();
  const file = join(accessFolder(), `${host()}.json`);
  const kept = JSON.parse(readFileSync(file, 'utf8'));
  const soon = Date.now() + 60_000;
  writeFileSync(file, JSON.stringify({ ...kept, access: { ...kept.access, expiresAt: soon } }));
  expect(await shell(`ssh -F ${config()} ${host()} echo still here`)).toBe('still here\n');
  const { access } = JSON.parse(readFileSync(file, 'utf8'));
  expect(access.expiresAt).toBeGreaterThan(soon);
});
