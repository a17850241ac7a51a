import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLocal } from '../../src/providers/index.ts';
import { Fleet } from '../../src/sandboxes/fleet.ts';
import { openSharing } from '../../src/sharing/folder.ts';
import { root } from '../tools/paths.mts';
import { type EditorWindow, openWindow } from './editor.ts';
import { Explorer } from './explorer.ts';

/** Each of them met a redraw with about one chance in three when every change drew the whole tree. */
const clicks = 20;
const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

let window: EditorWindow;
let explorer: Explorer;
/** Another window of the same user, without an editor: what it does is seen in the first one at once. */
let neighbour: Fleet;
let names: Record<string, string>;

beforeAll(async () => {
  window = await openWindow({ viewport: { width: 900, height: 640 } });
  explorer = new Explorer(window);
  await window.openView();
  const storage = join(window.profile.user, 'User/globalStorage/sandbox-explorer.sandbox-explorer');
  neighbour = new Fleet(async () => openSharing({ folder: storage, log }));
  const program = join(root, 'dist/engine.js');
  const timeouts = () => ({ callMs: 60_000, createMs: 60_000 });
  const dataFolder = window.profile.data;
  neighbour.addAccount(
    { id: 'local', name: 'Local', provider: 'local' },
    async () => openLocal({ program, dataFolder, hide: () => {}, log, timeouts }),
    async () => dataFolder,
  );
  names = {};
  for (const name of ['quiet', 'busy', 'noisy', 'other', 'asleep']) names[name] = await makeSandbox(name);
  await pause('asleep');
});

afterAll(async () => {
  neighbour.dispose();
  await window.close();
});

async function makeSandbox(name: string): Promise<string> {
  const account = neighbour.account('local');
  const request = {
    template: 'system/debian:bookworm',
    vcpu: 1,
    memoryMib: 512,
    timeoutMinutes: 60,
    autoPause: true,
  };
  const { id } = await account.create(request);
  const sandbox = await account.settled(id);
  if (!sandbox) throw new Error(`${name} was not made`);
  await neighbour.rename(sandbox, name);
  await explorer.showsState(name, 'running');
  return id;
}

async function pause(name: string): Promise<void> {
  const account = neighbour.account('local');
  const id = names[name] ?? '';
  if ((await account.confirm(id))?.state !== 'running') return;
  await account.change(id, 'pause');
  await account.settled(id);
  await explorer.showsState(name, 'paused');
}

/** Gives rows another name ten times a second, and one of them another state as often as it can, until the task ends. */
async function whileRowsChange(changing: readonly string[], task: () => Promise<void>): Promise<void> {
  const account = neighbour.account('local');
  const over = new AbortController();
  const rename = async () => {
    for (let turn = 0; !over.signal.aborted; turn++) {
      for (const name of changing) {
        const sandbox = account.find(names[name] ?? '');
        if (sandbox) await neighbour.rename(sandbox, `${name} ${turn}`);
      }
      await delay(100);
    }
  };
  const changeState = async () => {
    const id = names['noisy'] ?? '';
    while (!over.signal.aborted) {
      await account.change(id, 'pause');
      await account.settled(id);
      await account.change(id, 'resume');
      await account.settled(id);
    }
  };
  const changes = [rename(), changeState()];
  try {
    await task();
  } finally {
    over.abort();
    await Promise.all(changes);
  }
}

/**
 * Clicks an icon of a row again and again.
 * @returns how often the command did not know which row it was, and asked, since more than one can be resumed
 */
async function countLostClicks(name: string): Promise<number> {
  const picker = window.page.locator('.quick-input-widget');
  let lost = 0;
  for (let click = 0; click < clicks; click++) {
    await pause(name);
    await explorer.clickIcon(name, 'Resume');
    const isAsked = await Promise.race([
      explorer.showsState(name, 'running').then(() => false),
      picker.waitFor().then(() => true),
    ]);
    if (!isAsked) continue;
    lost++;
    await window.page.keyboard.press('Escape');
  }
  return lost;
}

test('an icon always means its row, however often other rows change', async () => {
  await whileRowsChange(['busy'], async () => expect(await countLostClicks('quiet')).toBe(0));
});

test('an icon always means its row while that row itself changes', async () => {
  await whileRowsChange(['quiet', 'busy'], async () => expect(await countLostClicks('quiet')).toBe(0));
});

test('what is selected and what is open stay so while rows change', async () => {
  await explorer.row('other').locator('.monaco-tl-twistie').click();
  await explorer.clickIcon('other', 'Open Terminal');
  await explorer.row('attached').waitFor();
  await explorer.row('busy').click();
  await explorer.row('other').click({ modifiers: ['ControlOrMeta'] });
  await whileRowsChange(['busy', 'other'], async () => {
    for (let look = 0; look < 20; look++) {
      await delay(100);
      const selected = await window.page.locator('.pane-body .monaco-list-row.selected').allTextContents();
      expect(new Set(selected.map((text) => /^(busy|other)/.exec(text)?.[0]))).toEqual(
        new Set(['busy', 'other']),
      );
      expect(await explorer.row('attached').count()).toBe(1);
    }
  });
  await explorer.row('busy').click({ button: 'right' });
  await explorer.menu('Stop').waitFor();
  await window.page.keyboard.press('Escape');
});
