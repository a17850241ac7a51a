import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCloud, type Cloud } from '../contract/cloudServer.ts';
import { root } from '../tools/paths.mts';
import { type EditorWindow, openWindow } from './editor.ts';
import { Explorer } from './explorer.ts';

let office: Cloud;
let lab: Cloud;
let one: EditorWindow;

beforeAll(async () => {
  const program = join(root, 'dist/engine.js');
  [office, lab] = await Promise.all([startCloud(program), startCloud(program)]);
  one = await openWindow({ viewport: { width: 900, height: 640 } });
  await one.openView();
});

afterAll(async () => {
  await one.close();
  await Promise.all([office.close(), lab.close()]);
});

/** Another window, which knows the accounts of this moment, and whose view nobody has looked at. */
async function openUnseen(): Promise<EditorWindow> {
  const window = await one.another(await mkdtemp(join(one.profile.workspace, 'folder-')));
  await window.page.locator('.sidebar .composite.title', { hasText: /^\s*Explorer/ }).waitFor();
  return window;
}

const rowIn = (window: EditorWindow, text: string) => new Explorer(window).row(text);

async function add(window: EditorWindow, name: string, { url, key }: Cloud): Promise<void> {
  const explorer = new Explorer(window);
  await window.runCommand('Sandbox: Add Account…');
  await explorer.answer('Choose a provider');
  await explorer.answer('Leap0', name);
  await explorer.answer('https://api.leap0.dev', url);
  await explorer.answer('sandbox.leap0.dev');
  await explorer.answer('60');
  await explorer.answer('API key', key);
}

async function signOut(window: EditorWindow, name: string): Promise<void> {
  await new Explorer(window).fromMenu(name, 'Sign Out…');
  await window.page.locator('.monaco-dialog-box .monaco-button', { hasText: 'Sign Out' }).click();
  await rowIn(window, name).waitFor({ state: 'hidden' });
}

test('loses no account when a window adds one whose view was never looked at', async () => {
  const other = await openUnseen();
  await add(one, 'Work', office);
  await rowIn(one, 'Work').waitFor();
  await add(other, 'Second', lab);
  for (const name of ['Work', 'Second']) await rowIn(one, name).waitFor();
  await other.openView();
  for (const name of ['Work', 'Second']) await rowIn(other, name).waitFor();
  await add(one, 'Third', office);
  for (const name of ['Work', 'Second', 'Third']) await rowIn(other, name).waitFor();
  await other.close();
});

test('an account that is renamed is so in a window whose view was never looked at', async () => {
  const other = await openUnseen();
  await new Explorer(one).fromMenu('Work', 'Rename Account…');
  await new Explorer(one).answer('Work', 'Office');
  await rowIn(one, 'Office').waitFor();
  await other.openView();
  await rowIn(other, 'Office').waitFor();
  expect(await rowIn(other, 'Work').count()).toBe(0);
  await other.close();
});

test('one that is signed out of is gone from such a window, too, which asks nothing more with its key', async () => {
  const other = await openUnseen();
  await signOut(one, 'Second');
  const asked = lab.calls.length;
  await other.openView();
  await rowIn(other, 'Office').waitFor();
  await rowIn(other, 'Second').waitFor({ state: 'hidden' });
  const before = office.calls.length;
  await other.runCommand('Sandbox: Refresh');
  await expect.poll(() => office.calls.length, { timeout: 30_000 }).toBeGreaterThan(before);
  expect(lab.calls.slice(asked)).toEqual([]);
  await other.close();
});

test('and it stays signed out of when such a window changes the accounts', async () => {
  const other = await openUnseen();
  await signOut(one, 'Third');
  await add(other, 'Fourth', lab);
  await rowIn(one, 'Fourth').waitFor();
  await other.close();
  await one.reload();
  await one.openView();
  for (const name of ['Office', 'Fourth']) await rowIn(one, name).waitFor();
  for (const name of ['Second', 'Third']) expect(await rowIn(one, name).count()).toBe(0);
});
