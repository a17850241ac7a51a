import { ok } from 'node:assert/strict';
import * as vscode from 'vscode';
import { until } from './helpers.ts';

type Input = vscode.QuickPick<vscode.QuickPickItem> | vscode.InputBox;

/** What Enter takes as it stands. */
export const enter: unique symbol = Symbol('enter');

/**
 * Runs a task and answers its questions in their order, in VS Code's own boxes: a text is typed into a box, or is a part
 * of the choice's label in a picker.
 */
export async function answering<T>(
  answers: readonly (string | typeof enter)[],
  task: () => PromiseLike<T>,
): Promise<T> {
  const shown: Input[] = [];
  const { createInputBox, createQuickPick } = vscode.window;
  const watch = <I extends Input>(input: I): I => {
    const show = input.show.bind(input);
    Object.assign(input, { show: () => (show(), shown.push(input)) });
    return input;
  };
  Object.assign(vscode.window, {
    createInputBox: () => watch(createInputBox()),
    createQuickPick: () => watch(createQuickPick()),
  });
  try {
    const running = Promise.resolve(task());
    const failed = running.then(() => new Promise<never>(() => {}));
    for (const [index, answer] of answers.entries()) {
      const what = `question ${index + 1} of ${answers.length}`;
      await Promise.race([until(what, () => shown[index]), failed]);
      const input = shown[index];
      ok(input);
      await give(input, answer);
    }
    return await running;
  } finally {
    Object.assign(vscode.window, { createInputBox, createQuickPick });
  }
}

async function give(input: Input, answer: string | typeof enter): Promise<void> {
  if (answer !== enter && 'items' in input) {
    const item = input.items.find(({ label }) => label.includes(answer));
    ok(
      item,
      `${input.placeholder}: ${answer} is not among ${input.items.map(({ label }) => label).join(', ')}`,
    );
    input.activeItems = [item];
  } else if (answer !== enter) input.value = answer;
  let isHidden = false;
  input.onDidHide(() => (isHidden = true));
  // What was set travels to the window first.
  await new Promise((resolve) => setTimeout(resolve, 150));
  await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
  await until(`“${input.placeholder}” is answered`, () => isHidden || problemOf(input));
  ok(isHidden, problemOf(input));
}

function problemOf(input: Input): string | undefined {
  const problem = 'validationMessage' in input ? input.validationMessage : undefined;
  return typeof problem === 'string' && problem ? problem : undefined;
}
