import { ok } from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { dataFolder, extension } from '../../vscode/helpers.ts';

const measured = (name: string, value: number) =>
  console.log(`@@measured ${JSON.stringify({ [name]: value })}`);

/** Every request that the extension has made stands in its log. */
function countRequests(): number {
  const logs = join(dirname(dataFolder), 'user', 'logs');
  const files = readdirSync(logs, { recursive: true, encoding: 'utf8' });
  const ours = files.filter((file) => file.endsWith('Sandbox Explorer.log'));
  ok(ours.length > 0, `no log of ours among ${files.join(', ')}`);
  const text = ours.map((file) => readFileSync(join(logs, file), 'utf8')).join('');
  return text.match(/ (GET|POST|DELETE) \/v1\//g)?.length ?? 0;
}

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('in VS Code', () => {
  it('activates', async () => {
    const program = join(extension.extensionPath, 'dist/extension.js');
    const ours = createRequire(__filename)(program);
    const cached = require.cache[program];
    ok(cached);
    // VS Code finds this in the place of our exports, and so calls our activate() through it.
    cached.exports = {
      activate(context: vscode.ExtensionContext) {
        const start = performance.now();
        ours.activate(context);
        measured('activate()', performance.now() - start);
      },
    };
    await extension.activate();
  });

  it('asks nothing while its view is hidden', async () => {
    await vscode.commands.executeCommand('sandboxExplorer.focus');
    await wait(2_000);
    ok(countRequests() > 0, 'a visible view asks');
    await vscode.commands.executeCommand('workbench.view.explorer');
    await wait(2_000);
    const before = countRequests();
    await wait(60_000);
    measured('requests in a minute with the view hidden', countRequests() - before);
  }).timeout(120_000);
});
