import { afterAll, beforeAll, test } from 'vitest';
import { type EditorWindow, openWindow } from './editor.ts';
import { Explorer } from './explorer.ts';

let window: EditorWindow;
beforeAll(async () => {
  window = await openWindow({ viewport: { width: 900, height: 640 } });
  await window.openView();
});
afterAll(() => window.close());

test("copies the engine's environment from the menu of the Local account, and says that it holds a secret", async () => {
  const explorer = new Explorer(window);
  await explorer.create('debian-1');
  await explorer.row('Local').click({ button: 'right' });
  await explorer.menu('Copy Engine Environment').waitFor();
  await window.screenshot('engine-environment-menu');
  await explorer.menu('Copy Engine Environment').first().click({ delay: 300 });
  await explorer.notification('Copied, with a secret').waitFor();
  await window.screenshot('engine-environment');
});
