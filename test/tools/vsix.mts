import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codeServerEntry } from './codeServer.mts';
import { ownEnvironment } from './editorServer.mts';
import type { Profile } from './profile.mts';
import { quietly } from './run.mts';

/** Builds and packages; equal contents make an equal file. */
export async function packageVsix(file: string): Promise<void> {
  const env = { ...process.env, SOURCE_DATE_EPOCH: '1700000000' };
  await quietly('npm', ['run', 'package', '--', '--out', file], { env });
}

/** Puts the extension as it is now into a profile, unless it is there already. */
export async function installExtension(profile: Profile): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-explorer-vsix-'));
  try {
    const file = join(folder, 'sandbox-explorer.vsix');
    await packageVsix(file);
    const stamp = join(profile.home, 'installed');
    const hash = createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
    if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === hash) return;
    await installVsix(file, profile);
    await writeFile(stamp, hash);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function installVsix(file: string, profile: Profile): Promise<void> {
  const folders = ['--user-data-dir', profile.user, '--extensions-dir', profile.extensions];
  const config = ['--config', join(profile.home, 'code-server.yaml')];
  const args = [codeServerEntry, '--install-extension', file, '--force', ...folders, ...config];
  const output = await quietly(process.execPath, args, { env: ownEnvironment() });
  // It exits with 0 even when it installed nothing.
  if (/failed installing/i.test(output)) throw new Error(output);
}
