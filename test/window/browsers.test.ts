import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLocal } from '../../src/providers/index.ts';
import { root } from '../tools/paths.mts';
import { type EditorWindow, openWindow } from './editor.ts';
import { Explorer } from './explorer.ts';

let window: EditorWindow;
let explorer: Explorer;

beforeAll(async () => {
  window = await openWindow();
  explorer = new Explorer(window);
  await window.openView();
});

afterAll(async () => {
  await window.close();
});

/** What a folder of ours for SSH holds. */
const ours = (name: string) => readdirSync(join(window.profile.home, '.ssh/sandbox-explorer', name));
const dialog = ({ page }: EditorWindow, button: string) =>
  page.locator('.monaco-dialog-box .monaco-button', { hasText: button });

/** The hosts that `ssh` knows. */
function hosts(): string[] {
  const folder = join(window.profile.home, '.ssh/sandbox-explorer/config.d');
  const entries = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  return entries.flatMap((text) => text.match(/(?<=^Host ).*/gm) ?? []);
}

/** Gives a new sandbox its host, without a line in the SSH config. */
async function createWithHost(sandbox: string): Promise<void> {
  await explorer.create(sandbox);
  await explorer.row(sandbox).click({ button: 'right' });
  await window.page.locator('.monaco-menu .action-item:has(.submenu-indicator)', { hasText: 'SSH' }).hover();
  await explorer.menu('Copy SSH Command').last().click({ delay: 300 });
}

test('a browser that has never been there takes away the host of a sandbox that it deletes', async () => {
  await createWithHost('debian-1');
  await dialog(window, 'Not Now').click();
  await expect.poll(() => ours('access')).toHaveLength(1);
  const other = await window.inNewBrowser();
  const there = new Explorer(other);
  await other.openView();
  await there.fromMenu('debian-1', 'Delete…');
  await dialog(other, 'Delete').click();
  await expect.poll(() => [ours('access'), hosts()]).toEqual([[], []]);
  await other.close();
});

test('an editor that starts again at another port serves the hosts, and takes away those of sandboxes that are gone', async () => {
  await createWithHost('debian-1');
  await expect.poll(() => ours('access')).toHaveLength(1);
  await window.quit();
  const before = new Set(ours('windows'));
  const again = await window.startAgain();
  const announced = () => ours('windows').filter((name) => name.endsWith('.json') && !before.has(name));
  await expect.poll(announced).toHaveLength(1);
  await deleteAll();
  await again.openView();
  await expect.poll(() => [ours('access'), hosts()]).toEqual([[], []]);
});

/** Deletes all sandboxes without a window. */
async function deleteAll(): Promise<void> {
  const provider = openLocal({
    program: join(root, 'dist/engine.js'),
    dataFolder: window.profile.data,
    hide: () => {},
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    timeouts: () => ({ callMs: 60_000, createMs: 60_000 }),
  });
  for (const { id } of await provider.list()) await provider.delete(id);
  provider.dispose();
}
