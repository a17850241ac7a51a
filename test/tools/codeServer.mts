// VS Code as a package: code-server is the editor itself, with its real extension host, shown by a browser.
import { join } from 'node:path';
import { installOnce, npm } from './installOnce.mts';
import { cache } from './paths.mts';
import { step } from './run.mts';

const version = '4.139.1';
const home = join(cache, `code-server-${version}`);

export const codeServerEntry = join(home, 'node_modules/code-server/out/node/entry.js');

/** Installs VS Code unless that was done before. */
export const getCodeServer = (): Promise<void> => installOnce(home, install);

async function install(folder: string): Promise<void> {
  await step('Getting VS Code (once, about a minute): download', () =>
    npm(folder, 'install', `code-server@${version}`, '--ignore-scripts'),
  );
  const vscode = join(folder, 'node_modules/code-server/lib/vscode');
  await step('Getting VS Code: its own packages', () =>
    npm(vscode, 'install', '--omit=dev', '--ignore-scripts'),
  );
  // Of its native modules only these are needed and come without a prebuilt binary.
  await step('Getting VS Code: native modules', () =>
    npm(vscode, 'rebuild', '@vscode/spdlog', '@vscode/native-watchdog'),
  );
}
