import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EditorWindow, openWindow } from './editor.ts';
import { Explorer } from './explorer.ts';

let window: EditorWindow;
let explorer: Explorer;
let id: string;

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

const clipboard = () => window.page.evaluate<string>('navigator.clipboard.readText()');
const dialog = () => window.page.locator('.monaco-dialog-box');
const agree = (button: string) => dialog().locator('.monaco-button', { hasText: button }).click();

/** Has VS Code open a link as it does when the system hands it one. */
async function follow(query: Record<string, string>): Promise<void> {
  await window.runCommand('Developer: Open URL');
  const box = window.page.locator('.quick-input-widget input[type="text"]');
  await window.page.locator('.quick-input-message', { hasText: 'URL to open' }).waitFor();
  await box.fill(
    `code-oss://sandbox-explorer.sandbox-explorer/open?${new URLSearchParams(query).toString()}`,
  );
  await window.page.keyboard.press('Enter');
}

test('a link is handed over by VS Code, and opens nothing before the user has agreed', async () => {
  await explorer.fromMenu('debian-1', 'Copy ID');
  await expect.poll(clipboard).toMatch(/^sbx-/);
  id = await clipboard();
  await follow({ account: 'local', id });
  await dialog().filter({ hasText: "'Sandbox Explorer' extension to open this URI" }).waitFor();
  await agree('Open');
  await dialog().filter({ hasText: 'Open the sandbox debian-1 of the account Local?' }).waitFor();
  await window.screenshot('link');
  await agree('Cancel');
  expect(window.page.context().pages()).toHaveLength(1);
});

test('a link opens the sandbox in a window of its own, in the folder that it names', async () => {
  const opened = window.page.context().waitForEvent('page');
  await follow({ account: 'local', id, folder: '/home/user/a b' });
  await agree('Open');
  await dialog().filter({ hasText: 'in the folder /home/user/a b' }).waitFor();
  await agree('Open');
  await agree('Add');
  const page = await opened;
  expect(decodeURIComponent(page.url()).replaceAll('+', ' ')).toContain('/home/user/a b');
  await page.close();
});

test('a link to what is not there says so, and not what stood in it', async () => {
  await follow({ account: 'local', id: 'sbx-secret' });
  await agree('Open');
  const toast = window.page.locator('.notification-toast', { hasText: 'names a sandbox that is not there' });
  await toast.waitFor();
  expect(await toast.textContent()).not.toContain('secret');
});
