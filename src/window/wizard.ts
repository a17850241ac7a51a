import * as vscode from 'vscode';

/** The user went back a step. */
export const back = Symbol('back');

export interface Choice<T> extends vscode.QuickPickItem {
  readonly value: T;
}

export interface Step {
  readonly title: string;
  /** From 1. */
  readonly step: number;
  readonly totalSteps: number;
  readonly placeholder: string;
}

/** Lets the user choose; the first choice is the default. Answers nothing when the user gives up. */
export function choose<T>(
  step: Step,
  choices: readonly Choice<T>[],
  selected = choices[0],
): Promise<T | typeof back | undefined> {
  const picker = vscode.window.createQuickPick<Choice<T>>();
  picker.items = choices;
  if (selected) picker.activeItems = [selected];
  return ask(step, picker, () => picker.selectedItems[0]?.value);
}

/** Lets the user type; what is wrong with it is told below the box, and Enter is refused until it is right. */
export function type(
  step: Step,
  value: string,
  check: (text: string) => string | undefined,
): Promise<string | typeof back | undefined> {
  const box = vscode.window.createInputBox();
  box.value = value;
  box.onDidChangeValue((text) => (box.validationMessage = check(text) ?? ''));
  return ask<string>(step, box, () => {
    box.validationMessage = check(box.value) ?? '';
    return box.validationMessage ? undefined : box.value.trim();
  });
}

function ask<T>(
  { title, step, totalSteps, placeholder }: Step,
  input: vscode.QuickPick<Choice<T>> | vscode.InputBox,
  answer: () => T | undefined,
): Promise<T | typeof back | undefined> {
  Object.assign(input, { title, step, totalSteps, placeholder });
  input.ignoreFocusOut = true;
  input.buttons = step > 1 ? [vscode.QuickInputButtons.Back] : [];
  return new Promise((resolve) => {
    const finish = (value: T | typeof back | undefined) => {
      resolve(value);
      input.dispose();
    };
    input.onDidTriggerButton(() => finish(back));
    input.onDidHide(() => finish(undefined));
    input.onDidAccept(() => {
      const value = answer();
      if (value !== undefined) finish(value);
    });
    input.show();
  });
}
