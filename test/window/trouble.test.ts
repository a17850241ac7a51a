import { expect, test } from 'vitest';
import { openWindow } from './editor.ts';

test('an account that cannot be reached says why, and offers to try again and to show the log', async () => {
  const window = await openWindow({ settings: { 'sandboxExplorer.local.dataFolder': '/etc/passwd/below' } });
  await window.openView();
  const failure = window.page.locator('.pane-body .monaco-list-row', {
    hasText: 'The local engine did not start',
  });
  await failure.waitFor();
  await failure.hover();
  await window.screenshot('failure');
  expect(await failure.locator('.action-label[aria-label^="Retry"]').count()).toBe(1);
  await failure.locator('.action-label[aria-label^="Show Log"]').click();
  const log = window.page
    .locator('.output-view-content, .view-lines', { hasText: 'GET /v1/sandboxes' })
    .first();
  await log.waitFor();
  await window.close();
});
