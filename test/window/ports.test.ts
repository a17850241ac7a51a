import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EditorWindow, openWindow } from './editor.ts';
import { Explorer } from './explorer.ts';

const port = 7400;
let window: EditorWindow;
let explorer: Explorer;

beforeAll(async () => {
  window = await openWindow({ theme: 'Default Dark Modern', viewport: { width: 900, height: 640 } });
  explorer = new Explorer(window);
  await window.openView();
  await explorer.create('debian-1');
});

afterAll(async () => {
  await window.close();
});

const forwarded = () => explorer.row(`localhost:${port}`);
const toast = (text: string) => window.page.locator('.notification-toast', { hasText: text });

/** Whether a program of this machine is listened to. */
const isServed = () =>
  new Promise<boolean>((resolve) => {
    const socket = createConnection(port, '127.0.0.1', () => (socket.destroy(), resolve(true)));
    socket.on('error', () => resolve(false));
  });

/** Runs a command in the sandbox, as the user's own terminal would. */
function inSandbox(line: string): Promise<void> {
  const ours = join(window.profile.home, '.ssh/sandbox-explorer');
  const host = (readdirSync(join(ours, 'access'))[0] ?? '').replace('.json', '');
  return new Promise((resolve, reject) =>
    execFile('ssh', ['-F', join(ours, 'config'), host, line], (error) => (error ? reject(error) : resolve())),
  );
}

test('a forwarded port stands below its sandbox, and is opened and stopped by its icons', async () => {
  await explorer.fromMenu('debian-1', 'Forward Port…');
  await explorer.box('8080').fill(String(port));
  await window.screenshot('port-forward-box');
  await window.page.keyboard.press('Enter');
  await forwarded().waitFor();
  expect(await forwarded().locator('.label-description').textContent()).toBe(`→ ${port}`);
  await toast(`is at localhost:${port}`).waitFor();
  await inSandbox(
    `echo '<h1>Hello from the sandbox</h1>' > index.html; python3 -m http.server ${port} >/dev/null 2>&1 &`,
  );
  await window.page.mouse.move(600, 300);
  await window.screenshot('port-forwarded');
  await forwarded().hover();
  await window.screenshot('port-icons');
  const opened = window.page.context().waitForEvent('page');
  await forwarded().locator('.action-label[aria-label^="Open in Browser"]').click();
  const page = await opened;
  await page.getByText('Hello from the sandbox').waitFor();
  await page.close();
  await explorer.clickIcon(`localhost:${port}`, 'Stop Forwarding');
  await expect.poll(() => forwarded().count()).toBe(0);
  await expect.poll(isServed).toBe(false);
});

test('a forwarded port ends with its sandbox', async () => {
  await explorer.fromMenu('debian-1', 'Forward Port…');
  await explorer.box('8080').fill(String(port));
  await window.page.keyboard.press('Enter');
  await forwarded().waitFor();
  await expect.poll(isServed).toBe(true);
  await explorer.fromMenu('debian-1', 'Pause');
  await expect.poll(() => forwarded().count()).toBe(0);
  await expect.poll(isServed).toBe(false);
});
