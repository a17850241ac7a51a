import { ok } from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { dataFolder, extension, until } from '../../vscode/helpers.ts';

const measured = (name: string, value: number) =>
  console.log(`@@measured ${JSON.stringify({ [name]: value })}`);

/** What the extension has written down: all of its requests, and how long its start took. */
function readLog(): string {
  const logs = join(dirname(dataFolder), 'user', 'logs');
  const files = readdirSync(logs, { recursive: true, encoding: 'utf8' });
  const ours = files.filter((file) => file.endsWith('Sandbox Explorer.log'));
  return ours.map((file) => readFileSync(join(logs, file), 'utf8')).join('');
}

const countRequests = () => readLog().match(/ (GET|POST|DELETE) \/v1\//g)?.length ?? 0;

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('in VS Code', () => {
  it('activates', async () => {
    await extension.activate();
    const milliseconds = await until('the log tells how long the start took', () => {
      return /Activated in ([\d.]+) ms/.exec(readLog())?.[1];
    });
    measured('activate()', Number(milliseconds));
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
