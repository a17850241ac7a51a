import { ok } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import * as vscode from 'vscode';

export interface Opened {
  readonly id: string;
  readonly args: readonly unknown[];
}

/** What opens windows while a task runs; none is opened. */
export async function openedDuring(task: () => PromiseLike<unknown>): Promise<Opened[]> {
  const opened: Opened[] = [];
  const original = vscode.commands.executeCommand;
  const patched = async (id: string, ...args: unknown[]) => {
    if (!['vscode.newWindow', 'vscode.openFolder'].includes(id)) return original(id, ...args);
    return void opened.push({ id, args });
  };
  Object.assign(vscode.commands, { executeCommand: patched });
  try {
    await task();
  } finally {
    Object.assign(vscode.commands, { executeCommand: original });
  }
  return opened;
}

export interface Asked {
  readonly message: string;
  readonly detail: string;
}

/** Answers every message of the kind that offers one of these buttons while a task runs. */
export async function answeringAll(
  answers: readonly string[],
  task: () => PromiseLike<unknown>,
): Promise<Asked[]> {
  const asked: Asked[] = [];
  const original = vscode.window.showInformationMessage;
  const patched = async (message: string, ...rest: unknown[]) => {
    const { detail = '' } = (typeof rest[0] === 'object' ? rest[0] : {}) as { detail?: string };
    asked.push({ message, detail });
    return rest.find((item) => {
      const title = typeof item === 'string' ? item : (item as { title?: string }).title;
      return title !== undefined && answers.includes(title);
    });
  };
  Object.assign(vscode.window, { showInformationMessage: patched });
  try {
    await task();
  } finally {
    Object.assign(vscode.window, { showInformationMessage: original });
  }
  return asked;
}

/** Runs the words of a command that was copied, as a shell would. */
export function shell(line: string): Promise<{ code: number; output: string }> {
  return new Promise((resolve) =>
    execFile('/bin/sh', ['-c', line], { timeout: 60_000 }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? 1) : 0, output: stdout + stderr }),
    ),
  );
}

type Installed = Pick<vscode.Extension<unknown>, 'id' | 'packageJSON'>;

/** Runs a task as if these extensions were all that are installed. */
export async function withExtensions<T>(
  extensions: readonly Installed[],
  task: () => Promise<T>,
): Promise<T> {
  const property = Object.getOwnPropertyDescriptor(vscode.extensions, 'all');
  ok(property);
  Object.defineProperty(vscode.extensions, 'all', { ...property, get: () => extensions });
  try {
    return await task();
  } finally {
    Object.defineProperty(vscode.extensions, 'all', property);
  }
}

/** Answers every warning while a task runs, by the button that it has of these; without one it is closed. */
export async function warnedDuring(
  task: () => PromiseLike<unknown>,
  ...answers: (string | undefined)[]
): Promise<{ message: string; buttons: readonly string[] }[]> {
  const warned: { message: string; buttons: readonly string[] }[] = [];
  const original = vscode.window.showWarningMessage;
  const patched = async (message: string, ...buttons: string[]) => {
    warned.push({ message, buttons });
    return buttons.find((button) => answers.includes(button));
  };
  Object.assign(vscode.window, { showWarningMessage: patched });
  try {
    await task();
  } finally {
    Object.assign(vscode.window, { showWarningMessage: original });
  }
  return warned;
}
