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
