import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCloud, type Cloud } from '../contract/cloudServer.ts';
import { root } from '../tools/paths.mts';
import { type EditorWindow, openWindow } from './editor.ts';
import { Explorer } from './explorer.ts';

let cloud: Cloud;
let one: EditorWindow;
let other: EditorWindow;
let explorer: Explorer;

beforeAll(async () => {
  cloud = await startCloud(join(root, 'dist/engine.js'));
  one = await openWindow({ theme: 'Default Dark Modern', viewport: { width: 900, height: 640 } });
  explorer = new Explorer(one);
  await one.openView();
  other = await one.another();
  await other.openView();
});

afterAll(async () => {
  await other.close();
  await one.close();
  await cloud.close();
});

const rowIn = ({ page }: EditorWindow, text: string) =>
  page.locator('.pane-body .monaco-list-row', { hasText: text });

const answer = (placeholder: string, text?: string) => explorer.answer(placeholder, text);
const take = (placeholder: string, label: string) => explorer.take(placeholder, label);

test('adds an account by the keyboard alone; a wrong key is answered where it is typed', async () => {
  await one.runCommand('Sandbox: Add Account…');
  await explorer.step(1, 6);
  await answer('Choose a provider');
  await answer('Leap0', 'Work');
  await answer('https://api.leap0.dev', 'http://api.example.com');
  await explorer.boxMessage('must begin with https://').waitFor();
  await answer('https://api.leap0.dev', cloud.url);
  await answer('sandbox.leap0.dev');
  await answer('60');
  await answer('API key', 'wrong');
  await one.page
    .locator('.quick-input-message.severity-error, .quick-input-message', { hasText: /key|token/i })
    .waitFor();
  await one.screenshot('account-wrong-key');
  await answer('API key', cloud.key);
  await rowIn(one, 'Work').waitFor();
  await rowIn(other, 'Work').waitFor({ timeout: 30_000 });
});

test('asks for the header of a key only where that is chosen, and steps back through it', async () => {
  await one.runCommand('Sandbox: Add Account…');
  await explorer.box('Choose a provider').waitFor();
  await one.screenshot('account-providers');
  await take('Choose a provider', 'another header for the key');
  await explorer.step(2, 8);
  await answer('Leap0', 'Gated');
  await answer('https://api.leap0.dev', cloud.url);
  await answer('sandbox.leap0.dev');
  await answer('60');
  await explorer.step(6, 8);
  await take('Choose the header of the key', 'Another header…');
  await answer('X-API-Key', 'Content-Length');
  await explorer.boxMessage('A request needs the header Content-Length for itself').waitFor();
  await one.screenshot('account-header-refused');
  await answer('X-API-Key', 'X-Gate');
  await explorer.step(7, 8);
  await explorer.choices().filter({ hasText: 'X-Gate: Bearer KEY' }).waitFor();
  await one.screenshot('account-header-prefix');
  await explorer.back('Choose what the header holds');
  await take('Choose the header of the key', 'leap0-authorization');
  await take('Choose what the header holds', 'leap0-authorization: KEY');
  await explorer.step(8, 8);
  await explorer.back('API key');
  await explorer.back('Choose what the header holds');
  await explorer.back('Choose the header of the key');
  await explorer.step(5, 8);
  for (const placeholder of ['60', 'sandbox.leap0.dev', 'https://api.leap0.dev', 'Leap0']) {
    await explorer.back(placeholder);
  }
  await explorer.step(1, 8);
  await one.page.keyboard.press('Escape');
  await explorer.box('Choose a provider').waitFor({ state: 'hidden' });
});

test('creates a sandbox with more options by the keyboard alone', async () => {
  await one.runCommand('Sandbox: Create Sandbox…');
  await take('Choose the account', 'Work');
  await answer('Choose a template');
  await answer('Choose a size');
  await take('Choose how long it may run', 'More options…');
  await take('Enter creates the sandbox', 'Name');
  await answer('my agent', 'keyboard');
  await take('Enter creates the sandbox', 'Variables');
  await take('Variables for every process', 'Type a variable…');
  await answer('NAME=value', 'A=1');
  await answer('Variables for every process');
  await one.screenshot('wizard-options');
  await answer('Enter creates the sandbox');
  await explorer.showsState('keyboard', 'running');
});

test('makes a snapshot and finds it below the account, which asks for it only then', async () => {
  expect(cloud.calls).not.toContain('GET /v1/snapshots');
  await explorer.fromMenu('keyboard', 'Create Snapshot…');
  await answer('Name of the snapshot', 'warm');
  await answer('Choose what becomes of the sandbox');
  await explorer.showsState('keyboard', 'running');
  const group = rowIn(one, 'Snapshots').last();
  await group.locator('.monaco-tl-twistie').click();
  await rowIn(one, 'warm').waitFor();
  expect(cloud.calls).toContain('GET /v1/snapshots');
  await one.screenshot('snapshots-dark');
});

test('keeps the URL of a port below its sandbox until it is revoked', async () => {
  const expires_at = Math.round(Date.now() / 1000) + 3600;
  const url = 'https://preview.example.com/';
  cloud.instead = (call) => {
    if (/^POST .*presigned-url$/.test(call))
      return [201, { id: 'u1', token: 't', url, port: 3000, expires_at }];
    return /^DELETE .*presigned-url/.test(call) ? [200, {}] : undefined;
  };
  await explorer.fromMenu('keyboard', 'Open Port…');
  await answer('8080', '3000');
  await answer('Choose how long the URL lasts');
  // The editor asks before it leaves for an address that it does not know.
  await one.page.locator('.monaco-dialog-box .monaco-button', { hasText: 'Cancel' }).click();
  await rowIn(one, 'keyboard').locator('.monaco-tl-twistie').click();
  await rowIn(one, 'Port 3000').waitFor();
  await one.screenshot('port');
  await rowIn(one, 'Port 3000').hover();
  await rowIn(one, 'Port 3000').locator('.action-label[aria-label^="Revoke URL"]').click();
  await expect.poll(() => rowIn(one, 'Port 3000').count()).toBe(0);
  cloud.instead = () => undefined;
});

test('an account whose key is refused asks to sign in again, in every window', async () => {
  cloud.instead = (call) => (call === 'GET /v1/sandboxes' ? [401, { message: 'Unknown key' }] : undefined);
  await one.runCommand('Sandbox: Refresh');
  for (const window of [one, other]) {
    await rowIn(window, 'Work')
      .locator('.label-description', { hasText: /^sign in again$/ })
      .waitFor({ timeout: 15_000 });
  }
  await one.screenshot('sign-in-again');
});

test('a key that is replaced in one window is good in the others, too', async () => {
  cloud.instead = () => undefined;
  await rowIn(one, 'Sign In Again…').click();
  await answer('API key', cloud.key);
  for (const window of [one, other]) {
    await expect.poll(() => rowIn(window, 'Sign In Again…').count(), { timeout: 20_000 }).toBe(0);
    await rowIn(window, 'keyboard')
      .locator('.label-description', { hasText: /^running/ })
      .waitFor();
  }
});

test('is gone from every window when one signs out, with its SSH hosts if that is chosen', async () => {
  const fragments = join(one.profile.home, '.ssh/sandbox-explorer/config.d');
  const hosts = async () => {
    const files = (await readdir(fragments)).map((name) => readFile(join(fragments, name), 'utf8'));
    return (await Promise.all(files)).join('\n').match(/^Host /gm)?.length ?? 0;
  };
  const dialog = one.page.locator('.monaco-dialog-box');
  await one.runCommand('Sandbox: Copy SSH Command');
  await dialog.locator('.monaco-button', { hasText: 'Not Now' }).click();
  await dialog.waitFor({ state: 'hidden' });
  expect(await hosts()).toBe(1);

  await rowIn(one, 'Work').first().click({ button: 'right' });
  await explorer.menu('Sign Out…').first().click({ delay: 300 });
  await dialog.waitFor();
  expect(await dialog.textContent()).toContain('Sign out of Work?');
  expect(await dialog.textContent()).toContain('1 SSH host of this editor leads to its sandboxes.');
  await one.screenshot('sign-out');
  await dialog.locator('.monaco-button', { hasText: 'Sign Out and Remove SSH Hosts' }).click();
  await expect.poll(() => rowIn(one, 'Work').count(), { timeout: 20_000 }).toBe(0);
  await expect.poll(() => rowIn(other, 'Work').count(), { timeout: 20_000 }).toBe(0);
  expect(await hosts()).toBe(0);
});
