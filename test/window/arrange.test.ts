import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EditorWindow, openWindow } from './editor.ts';
import { Explorer } from './explorer.ts';

let window: EditorWindow;
let explorer: Explorer;

beforeAll(async () => {
  window = await openWindow({ theme: 'Default Dark Modern', viewport: { width: 1000, height: 700 } });
  explorer = new Explorer(window);
  await window.openView();
  for (const name of ['debian-1', 'debian-2', 'debian-3']) await explorer.create(name);
  await explorer.fromMenu('debian-2', 'Stop');
  await explorer.showsState('debian-2', 'stopped');
});

afterAll(async () => {
  await window.close();
});

const title = () => window.page.locator('.sidebar .composite.title');
const titleAction = (label: string) => title().locator(`.action-label[aria-label^="${label}"]`);
const shows = (...names: string[]) => expect.poll(() => explorer.names(), { timeout: 20_000 }).toEqual(names);
const filterBox = () => explorer.box('Words of a name');

async function fromOverflow(label: string): Promise<void> {
  await titleAction('Views and More Actions').click();
  await explorer.menu(label).first().click({ delay: 300 });
}

test('shows the newest first', async () => {
  await shows('debian-3', 'debian-2', 'debian-1');
});

test('filters while one types, by name and by state, and Escape brings back what was there', async () => {
  await titleAction('Filter').click();
  await filterBox().fill('running 1');
  await shows('debian-1');
  await explorer.row('1 of 3').waitFor();
  await window.screenshot('filtering');
  await filterBox().fill('stopp');
  await shows('debian-2');
  await window.page.keyboard.press('Escape');
  await shows('debian-3', 'debian-2', 'debian-1');
});

test('keeps a filter with Enter, says so, and offers to clear it with one click', async () => {
  await titleAction('Filter').click();
  await filterBox().fill('debian-1');
  await window.page.keyboard.press('Enter');
  await shows('debian-1');
  await window.screenshot('filtered');
  await window.page.locator('.pane-body .message', { hasText: 'Filter: “debian-1”' }).waitFor();
  await titleAction('Clear Filter').click();
  await shows('debian-3', 'debian-2', 'debian-1');
});

test('says when the filter leaves nothing, and a click on that clears it', async () => {
  await titleAction('Filter').click();
  await filterBox().fill('nothing like it');
  await window.page.keyboard.press('Enter');
  const clear = explorer.row('Clear Filter');
  await clear.filter({ hasText: '3 sandboxes hidden' }).waitFor();
  await window.screenshot('all-hidden');
  await clear.click();
  await shows('debian-3', 'debian-2', 'debian-1');
});

test('hides and shows what is stopped', async () => {
  await titleAction('Views and More Actions').click();
  await explorer.menu('Hide Stopped').waitFor();
  await window.screenshot('overflow');
  await window.page.keyboard.press('Escape');
  await fromOverflow('Hide Stopped');
  await shows('debian-3', 'debian-1');
  await fromOverflow('Show Stopped');
  await shows('debian-3', 'debian-2', 'debian-1');
});

test('sorts as it is told, and has not forgotten it after the window was reloaded', async () => {
  await fromOverflow('Sort By…');
  await explorer.choices().filter({ hasText: 'Name' }).click();
  await shows('debian-1', 'debian-2', 'debian-3');
  await window.runCommand('Sandbox: Hide Stopped');
  await shows('debian-1', 'debian-3');
  await window.reload();
  await window.openView();
  await shows('debian-1', 'debian-3');
  await window.page.locator('.pane-body .message', { hasText: 'Filter: without stopped ones' }).waitFor();
});
