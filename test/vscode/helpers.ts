import { ok } from 'node:assert/strict';
import * as vscode from 'vscode';
import { openLocal } from '../../src/providers/index.ts';
import type { Provider } from '../../src/sandboxes/provider.ts';
import type { SandboxRecord } from '../../src/sandboxes/sandbox.ts';

const found = vscode.extensions.getExtension('sandbox-explorer.sandbox-explorer');
ok(found, 'the extension is not there');
export const extension = found;

/** Where this run's engine keeps its sandboxes. */
export const dataFolder = vscode.workspace.getConfiguration('sandboxExplorer').get('local.dataFolder', '');
ok(dataFolder, 'the run has no data folder of its own');

const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A second client of the same engine, to see from outside what the extension has done. */
export const observer: Provider = openLocal({
  program: extension.extensionUri.with({ path: `${extension.extensionPath}/dist/engine.js` }).fsPath,
  dataFolder,
  hide: () => {},
  log,
  timeouts: () => ({ callMs: 60_000, createMs: 60_000 }),
});

/** Waits until `look` answers something. */
export async function until<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (Date.now() > deadline) throw new Error(`This did not come true: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Takes the defaults of the wizard, as Enter, Enter, Enter does. */
export async function createWithDefaults(): Promise<SandboxRecord> {
  const before = new Set((await observer.list()).map(({ id }) => id));
  let isDone = false;
  const creating = vscode.commands.executeCommand('sandboxExplorer.create').then(() => (isDone = true));
  await until('the wizard ends', async () => {
    await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
    return isDone || undefined;
  });
  await creating;
  const made = (await observer.list()).filter(({ id }) => !before.has(id));
  ok(made[0] && made.length === 1, `one sandbox was made, not ${made.length}`);
  return observer.get(made[0].id);
}

/** Makes sandboxes beside the extension, and lets it see them. */
export async function makeSandboxes(count: number): Promise<SandboxRecord[]> {
  const { vcpu, memoryMib, timeoutMinutes, templates } = observer.createLimits;
  const request = {
    template: templates[0] ?? '',
    vcpu: vcpu.default,
    memoryMib: memoryMib.default,
    timeoutMinutes: timeoutMinutes.default,
    autoPause: true,
  };
  const made = await Promise.all(Array.from({ length: count }, () => observer.create(request)));
  const running = made.map(({ id }) =>
    until(`${id} runs`, async () => {
      const record = await observer.get(id);
      return record.state === 'running' ? record : undefined;
    }),
  );
  const records = await Promise.all(running);
  await command('refresh');
  return records;
}

/** Runs a command of the extension. */
export const command = <T = unknown>(name: string, ...args: unknown[]): Thenable<T> =>
  vscode.commands.executeCommand<T>(`sandboxExplorer.${name}`, ...args);

/** The row of a sandbox, as a menu hands it to a command. */
export const row = (record: SandboxRecord) => ({
  kind: 'sandbox',
  provider: observer,
  sandbox: { ...record, key: `local/${record.id}`, accountId: 'local', name: record.id },
});

/** What a command printed in the sandbox. */
export async function run(id: string, line: string): Promise<string> {
  return Buffer.from((await observer.exec?.run(id, line))?.stdout ?? []).toString('utf8');
}

/** Runs a task under other settings of the extension, and takes them back. */
export async function withSettings(
  values: Record<string, unknown>,
  task: () => Promise<void> | void,
): Promise<void> {
  const configuration = vscode.workspace.getConfiguration('sandboxExplorer');
  const user = vscode.ConfigurationTarget.Global;
  const before = Object.keys(values).map((name) => [name, configuration.inspect(name)?.globalValue] as const);
  for (const [name, value] of Object.entries(values)) await configuration.update(name, value, user);
  try {
    await task();
  } finally {
    for (const [name, value] of before) await configuration.update(name, value, user);
  }
}

export interface Told {
  readonly message: string;
  /** The text below it, in a modal question. */
  readonly detail: string | undefined;
  readonly buttons: readonly string[];
}

/** Answers the next modal question, which automated windows refuse to show. */
export function answerNextWarning(answer: string): Told[] {
  const asked: Told[] = [];
  const original = vscode.window.showWarningMessage;
  const patched = async (message: string, { detail }: vscode.MessageOptions, ...buttons: string[]) => {
    asked.push({ message, detail, buttons });
    Object.assign(vscode.window, { showWarningMessage: original });
    return answer;
  };
  Object.assign(vscode.window, { showWarningMessage: patched });
  return asked;
}

/** What is told in notifications of one kind while a task runs; none is answered. */
export async function toldDuring(
  kind: 'showErrorMessage' | 'showInformationMessage' | 'showWarningMessage',
  task: () => PromiseLike<unknown>,
): Promise<Told[]> {
  const told: Told[] = [];
  const original = vscode.window[kind];
  const patched = async (message: string, ...buttons: string[]) =>
    void told.push({ message, detail: undefined, buttons });
  Object.assign(vscode.window, { [kind]: patched });
  try {
    await task();
  } finally {
    Object.assign(vscode.window, { [kind]: original });
  }
  return told;
}
