import { afterAll, beforeAll, test } from 'vitest';
import { type Profile, removeProfile, temporaryProfile } from '../tools/profile.mts';
import { installExtension } from '../tools/vsix.mts';
import { type EditorWindow, openWindow } from './editor.ts';
import { Explorer } from './explorer.ts';

let bare: Profile;
let window: EditorWindow;
let explorer: Explorer;

beforeAll(async () => {
  bare = await temporaryProfile();
  await installExtension(bare);
  window = await openWindow({ extensions: bare.extensions });
  explorer = new Explorer(window);
  await window.openView();
  await explorer.create('debian-1');
});

afterAll(async () => {
  await window.close();
  await removeProfile(bare);
});

const toast = (text: string) => window.page.locator('.notification-toast', { hasText: text });

test('an editor without Remote-SSH is offered one, and shows it when it cannot be installed', async () => {
  await explorer.clickIcon('debian-1', 'Open in Remote-SSH');
  await toast('needs an extension for Remote-SSH').waitFor();
  await window.screenshot('no-remote-ssh');
  await toast('needs an extension').locator('.monaco-button', { hasText: 'Install Remote-SSH' }).click();
  // The editor of the tests has no marketplace.
  const failure = toast('jeanp413.open-remote-ssh could not be installed');
  await failure.waitFor();
  await window.screenshot('remote-ssh-not-installed');
  await failure.locator('.monaco-button', { hasText: 'Show in Extensions' }).click();
  const search = window.page.locator('.sidebar .view-lines');
  await search.filter({ hasText: '@id:jeanp413.open-remote-ssh' }).waitFor();
});
