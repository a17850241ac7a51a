/** What an editor runs when the extension is uninstalled: a program of its own, given five seconds. */
import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { explain, ProviderError } from '../../sandboxes/errors.ts';
import { sshFolderAt } from '../folder.ts';
import { knownEditors } from './knownEditors.ts';
import { removeEverything } from './removeEverything.ts';

async function main(extensions: string): Promise<void> {
  const ssh = join(homedir(), '.ssh');
  const folder = sshFolderAt(join(ssh, 'sandbox-explorer'));
  const known = await knownEditors(folder);
  const ours = known.filter(({ index }) => index && real(index.extensions) === extensions);
  // What belongs to none is what a crash has left.
  if (known.length > 0 && ours.length === 0) return;
  await removeEverything(folder, [join(ssh, 'config')], new Set(ours.map(({ id }) => id)));
}

function real(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

// EXTENSIONS/ours/dist/uninstall.js: nothing else tells which editor it is that lets us go.
const [, program = ''] = process.argv;
main(dirname(dirname(dirname(realpathSync(program))))).catch((thrown: unknown) => {
  console.error(`Sandbox Explorer: ${explain(ProviderError.from(thrown))}`);
  process.exitCode = 1;
});
