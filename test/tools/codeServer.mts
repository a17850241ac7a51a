// VS Code as a package: code-server is the editor itself, with its real extension host, shown by a browser.
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { cache } from './paths.mts';
import { quietly, step } from './run.mts';

const version = '4.139.1';
const home = join(cache, `code-server-${version}`);

export const codeServerEntry = join(home, 'node_modules/code-server/out/node/entry.js');

/** Installs VS Code unless that was done before; an install that was interrupted starts afresh. */
export async function getCodeServer(): Promise<void> {
  if (existsSync(home)) return;
  const partial = `${home}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  await writeFile(join(partial, 'package.json'), '{ "private": true }\n');
  await step('Getting VS Code (once, about a minute): download', () =>
    npm(partial, 'install', `code-server@${version}`, '--ignore-scripts'),
  );
  const vscode = join(partial, 'node_modules/code-server/lib/vscode');
  await step('Getting VS Code: its own packages', () =>
    npm(vscode, 'install', '--omit=dev', '--ignore-scripts'),
  );
  // Of its native modules only these are needed and come without a prebuilt binary.
  await step('Getting VS Code: native modules', () =>
    npm(vscode, 'rebuild', '@vscode/spdlog', '@vscode/native-watchdog'),
  );
  await rename(partial, home);
}

async function npm(cwd: string, ...args: string[]): Promise<void> {
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
