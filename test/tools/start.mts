// Opens the extension in a VS Code of its own, and leaves nothing running when it ends.
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getCodeServer } from './codeServer.mts';
import { startEditor } from './editorServer.mts';
import { stopEngine } from './engine.mts';
import { findProgram } from './findProgram.mts';
import { installMissing } from './install.mts';
import { interrupted } from './interrupted.mts';
import { cache } from './paths.mts';
import { type Profile, prepareProfile } from './profile.mts';
import { quietly, step } from './run.mts';
import { installExtension } from './vsix.mts';

const readme = `Sandbox Explorer has its icon in the activity bar on the left: create a sandbox there.
This folder is here so that the window has something open.
`;

try {
  await start();
} catch (error) {
  // Ctrl+C in the middle of a step is no failure.
  if (!(error instanceof Error && error.name === 'AbortError')) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

async function start(): Promise<void> {
  await installMissing();
  await getCodeServer();
  const profile = await prepareProfile(join(cache, 'start'));
  await step('Building the extension and putting it into VS Code', () => installExtension(profile));
  await writeFile(join(profile.workspace, 'README.txt'), readme);

  await using cleanup = new AsyncDisposableStack();
  // What was started last ends first: no window is left that could start the engine again.
  cleanup.defer(() => stopEngine(profile.data));
  const server = await step('Starting VS Code', () => startEditor(profile));
  cleanup.defer(() => server.stop());
  await present(profile, server.origin);
  if (!interrupted.aborted) await once(interrupted, 'abort');
  console.error('\nEnding …');
}

async function present({ workspace }: Profile, origin: string): Promise<void> {
  const address = `http://${origin}/?folder=${encodeURI(workspace)}`;
  console.log(`\nVS Code with Sandbox Explorer is at ${address}\nCtrl+C ends it and its sandboxes.`);
  const hasScreen = process.stdout.isTTY && process.env['DISPLAY'] !== undefined;
  if (hasScreen && findProgram('xdg-open')) await quietly('xdg-open', [address]).catch(() => undefined);
}
