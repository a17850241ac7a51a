import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLocal } from '../../src/providers/index.ts';
import type { Provider } from '../../src/sandboxes/provider.ts';
import { root } from '../tools/paths.mts';
import { type EditorWindow, openWindow } from './editor.ts';
import { Explorer } from './explorer.ts';

const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

let window: EditorWindow;
let explorer: Explorer;
/** Another client of the same engine, of which the window gets no news. */
let other: Provider;
let id: string;

beforeAll(async () => {
  window = await openWindow({
    theme: 'Default Dark Modern',
    viewport: { width: 1000, height: 640 },
    settings: {
      'terminal.integrated.gpuAcceleration': 'off',
      'sandboxExplorer.terminal.location': 'editor',
    },
  });
  explorer = new Explorer(window);
  await window.openView();
  await explorer.create('debian-1');
  other = openLocal({
    program: join(root, 'dist/engine.js'),
    dataFolder: window.profile.data,
    hide: () => {},
    log,
    timeouts: () => ({ callMs: 60_000, createMs: 60_000 }),
  });
  id = (await other.list())[0]?.id ?? '';
  await makeSession('agent-1');
});

afterAll(async () => {
  other.dispose();
  await window.close();
});

const makeSession = (name: string) => other.terminals?.create(id, { id: name, cols: 80, rows: 24 });
const twistie = (text: string) => explorer.row(text).first().locator('.monaco-tl-twistie');
const tabs = () => window.page.locator('.tabs-container .tab', { hasText: 'debian-1' });
const terminal = () => window.page.locator('.terminal-wrapper.active .xterm-rows');

/** The accessible name of every row, from top to bottom. */
const said = () =>
  window.page
    .locator('.pane-body .monaco-list-row')
    .evaluateAll((rows) => rows.map((row) => row.getAttribute('aria-label')));

test('every row has an accessible name with its kind and its state', async () => {
  await twistie('debian-1').click();
  await explorer.row('agent-1').waitFor();
  expect(await said()).toEqual([
    'Account Local, 1 sandbox',
    expect.stringMatching(/^Sandbox debian-1, running, .* left, 1 vCPU, /),
    expect.stringMatching(/^Session agent-1, detached, \//),
    'Snapshots',
  ]);
  await window.screenshot('rows');
});

test('a double click on a session opens one terminal', async () => {
  await explorer.row('agent-1').dblclick();
  await expect.poll(() => terminal().textContent(), { timeout: 20_000 }).toContain('$');
  await explorer.row('attached').waitFor();
  expect(await said()).toContainEqual(expect.stringMatching(/^Session agent-1, attached, \//));
  await explorer.row('agent-1').dblclick();
  await window.screenshot('session-attached');
  expect(await tabs().count()).toBe(1);
});

test('a session that has ended is no row any more', async () => {
  for (const name of ['agent-1', 'shell-2', 'shell-3']) {
    if (name !== 'agent-1') await explorer.clickIcon('debian-1', 'Open Terminal');
    await expect.poll(() => terminal().textContent(), { timeout: 20_000 }).toContain('$');
    await explorer.row('attached').waitFor();
    await window.page.keyboard.type('exit\n');
    await expect.poll(() => tabs().count(), { timeout: 20_000 }).toBe(0);
  }
  await expect.poll(said, { timeout: 10_000 }).toHaveLength(3);
  await window.screenshot('sessions-ended');
});

test('what is read when it is opened is read each time it is opened', async () => {
  await twistie('Snapshots').click();
  await other.snapshots?.create(id, { name: 'first' });
  await twistie('Snapshots').click();
  await twistie('Snapshots').click();
  await explorer.row('first').waitFor({ timeout: 10_000 });
  await twistie('Snapshots').click();
  await other.snapshots?.create(id, { name: 'second' });
  await twistie('Snapshots').click();
  await explorer.row('second').waitFor({ timeout: 10_000 });
  await window.screenshot('snapshots-opened');
  await twistie('Local').click();
  await makeSession('agent-2');
  await twistie('Local').click();
  await explorer.row('agent-2').waitFor({ timeout: 10_000 });
});
