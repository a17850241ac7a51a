import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLocal } from '../../src/providers/index.ts';
import { root } from '../tools/paths.mts';
import { type EditorWindow, openWindow } from './editor.ts';
import { Explorer } from './explorer.ts';

/** The first one, and those that follow it where it has gone. */
let windows: EditorWindow[];
let window: EditorWindow;
let explorer: Explorer;

beforeAll(async () => {
  windows = [];
  await follow(openWindow());
});

afterAll(async () => {
  for (const one of windows.toReversed()) await one.close();
});

async function follow(next: Promise<EditorWindow>): Promise<void> {
  window = await next;
  windows.push(window);
  explorer = new Explorer(window);
}

/** What a folder of ours for SSH holds. */
const ours = (name: string) => readdirSync(join(window.profile.home, '.ssh/sandbox-explorer', name));
const dialog = (button: string) =>
  window.page.locator('.monaco-dialog-box .monaco-button', { hasText: button });

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
  await dialog('Not Now').click();
}

/** The windows that renew what soon expires. */
const renewing = () => ours('windows').filter((name) => name.endsWith('.json'));

test('a browser that has never been there takes away the host of a sandbox that it deletes', async () => {
  await window.openView();
  await createWithHost('debian-1');
  await expect.poll(renewing).toHaveLength(1);
  // Its own window would do it as well.
  await window.page.goto('about:blank');
  await expect.poll(renewing).toEqual([]);
  await follow(window.inNewBrowser());
  await window.openView();
  await explorer.fromMenu('debian-1', 'Delete…');
  await dialog('Delete').click();
  await expect.poll(() => [ours('access'), hosts()]).toEqual([[], []]);
});

test('an editor that is started again at another port renews what is there, and takes away what is not', async () => {
  await createWithHost('debian-1');
  await expect.poll(renewing).toHaveLength(1);
  await window.quit();
  const before = new Set(renewing());
  await follow(window.startAgain());
  await expect.poll(() => renewing().filter((name) => !before.has(name))).toHaveLength(1);
  await deleteAll();
  await window.openView();
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
