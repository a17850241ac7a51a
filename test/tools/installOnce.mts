import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { quietly } from './run.mts';

/**
 * Makes a folder for tools from npm, unless it is there already; an install that was interrupted starts afresh.
 * @param install fills the folder that it is given, which is empty but for a `package.json`
 */
export async function installOnce(home: string, install: (folder: string) => Promise<void>): Promise<void> {
  if (existsSync(home)) return;
  const partial = `${home}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  await writeFile(`${partial}/package.json`, '{ "private": true }\n');
  await install(partial);
  await rename(partial, home);
}

export async function npm(cwd: string, ...args: string[]): Promise<void> {
  const env = { ...process.env, ...nodeHeaders() };
  await quietly('npm', [...args, '--no-audit', '--no-fund', '--prefix', cwd], { cwd, env });
}

/** The headers that came with our Node, so that node-gyp need not download them. */
function nodeHeaders(): Record<string, string> {
  try {
    const ours = createRequire(createRequire(import.meta.url).resolve('node/package.json'));
    const platform = `node-${process.platform}-${process.arch}`;
    return { npm_config_nodedir: dirname(ours.resolve(`${platform}/package.json`)) };
  } catch {
    // npm removes them with the next change to node_modules; node-gyp then gets its own.
    return {};
  }
}
