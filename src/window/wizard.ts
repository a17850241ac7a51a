import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';

/** The user went back a step. */
export const back = Symbol('back');

/** The choice of typing what is not among the others. */
export const other = Symbol('other');

export interface Choice<T> extends vscode.QuickPickItem {
  readonly value: T;
}

/** Where a question stands among others. */
export interface Place {
  readonly title: string;
  /** From 1; missing where it is the only one. */
  readonly step?: number;
  readonly totalSteps?: number;
}

export interface Step extends Place {
  readonly placeholder: string;
  /** More than the placeholder can say; shown below a box. */
  readonly prompt?: string;
}

/** The icon of a choice. */
export const icon = (id: string) => ({ iconPath: new vscode.ThemeIcon(id) });

/** What was answered, or that the user went back, or gave up. */
export type Answer<T> = T | typeof back | undefined;

/**
 * Asks for a part of the answers. What it keeps stays answered even if the user goes back then.
 */
type Question<Answers> = (
  answers: Answers,
  keepPart: (part: Partial<Answers>) => void,
) => Promise<Answer<Partial<Answers>>>;

/**
 * Asks step by step; a step back keeps what was answered after it as the default. Answers nothing when the user gives
 * up.
 */
export async function askInTurn<Answers extends object>(
  defaults: Answers,
  questions: readonly Question<Answers>[],
): Promise<Answers | undefined> {
  const answers = await askWithin(defaults, questions);
  return answers === back ? undefined : answers;
}

/** The same within a step: a step back from the first question is one from all of them. */
export async function askWithin<Answers extends object>(
  defaults: Answers,
  questions: readonly Question<Answers>[],
): Promise<Answer<Answers>> {
  let answers = defaults;
  const keepPart = (part: Partial<Answers>) => {
    answers = { ...answers, ...part };
  };
  for (let index = 0; index < questions.length;) {
    const answer = await questions[index]?.(answers, keepPart);
    if (answer === undefined) return undefined;
    if (answer === back && index === 0) return back;
    if (answer === back) index--;
    else {
      keepPart(answer);
      index++;
    }
  }
  return answers;
}

/** Makes an answer a part of all answers. */
export function keep<T, Part>(answer: Answer<T>, part: (value: T) => Part): Answer<Part> {
  if (answer === undefined) return undefined;
  return answer === back ? back : part(answer);
}

/** Lets the user choose any number. Answers nothing when the user gives up. */
export async function chooseSome<T>(
  step: Pick<Step, 'title' | 'placeholder'>,
  choices: readonly Choice<T>[],
): Promise<readonly T[] | undefined> {
  const { title, placeholder: placeHolder } = step;
  const options = { title, placeHolder, canPickMany: true, ignoreFocusOut: true } as const;
  return (await vscode.window.showQuickPick(choices, options))?.map(({ value }) => value);
}

/** Lets the user choose; the first choice is the default. Answers nothing when the user gives up. */
export function choose<T>(
  step: Step,
  choices: readonly Choice<T>[],
  selected = choices[0],
): Promise<Answer<T>> {
  const picker = vscode.window.createQuickPick<Choice<T>>();
  picker.items = choices;
  if (selected) picker.activeItems = [selected];
  return ask(step, picker, () => picker.selectedItems[0]?.value);
}

/** Lets the user choose, or type what is not among the choices; back from typing is back to the choices. */
export async function chooseOr<T>(
  step: Step,
  choices: readonly Choice<T | typeof other>[],
  selected: T,
  typeOther: () => Promise<Answer<T>>,
): Promise<Answer<T>> {
  for (;;) {
    const preselected = choices.find(({ value }) => isDeepStrictEqual(value, selected));
    const chosen = await choose(step, choices, preselected);
    if (chosen !== other) return chosen;
    const typed = await typeOther();
    if (typed !== back) return typed;
  }
}

/** A check of what was typed that takes its time: what is wrong, or nothing when it is right. */
type Trial = (text: string, signal: AbortSignal) => Promise<string | undefined>;

/**
 * Lets the user type; what is wrong with it is told below the box, and Enter is refused until it is right. Answers the
 * text as it was typed, spaces included.
 */
export function type(
  step: Step,
  value: string,
  check: (text: string) => string | undefined,
): Promise<Answer<string>> {
  return typeInto(vscode.window.createInputBox(), { step, value, check });
}

/** Lets the user type a secret, which is not shown, and tries it before it is taken. */
export function typeSecret(
  step: Step,
  check: (text: string) => string | undefined,
  trial?: Trial,
): Promise<Answer<string>> {
  const box = vscode.window.createInputBox();
  box.password = true;
  return typeInto(box, { step, value: '', check, trial });
}

interface Typing {
  readonly step: Step;
  readonly value: string;
  readonly check: (text: string) => string | undefined;
  readonly trial?: Trial | undefined;
}

async function typeInto(
  box: vscode.InputBox,
  { step, value, check, trial }: Typing,
): Promise<Answer<string>> {
  const controller = new AbortController();
  const judge = async (text: string) => check(text) ?? (await trial?.(text, controller.signal)) ?? '';
  box.value = value;
  box.onDidChangeValue((text) => (box.validationMessage = check(text) ?? ''));
  const answer = await ask<string>(step, box, async () => {
    const text = box.value;
    const problem = await judge(text);
    // What was typed meanwhile was not tried.
    if (box.value === text) box.validationMessage = problem;
    return problem || box.value !== text ? undefined : text;
  });
  controller.abort();
  return answer;
}

function ask<T>(
  step: Step,
  input: vscode.QuickPick<Choice<T>> | vscode.InputBox,
  answer: () => T | undefined | Promise<T | undefined>,
): Promise<Answer<T>> {
  Object.assign(input, step);
  input.ignoreFocusOut = true;
  input.buttons = (step.step ?? 1) > 1 ? [vscode.QuickInputButtons.Back] : [];
  return new Promise((resolve) => {
    const finish = (value: Answer<T>) => {
      resolve(value);
      input.dispose();
    };
    input.onDidTriggerButton(() => finish(back));
    input.onDidHide(() => finish(undefined));
    const accept = async () => {
      // A second Enter is the same wish.
      if (input.busy) return;
      input.busy = true;
      const value = await answer();
      input.busy = false;
      if (value !== undefined) finish(value);
    };
    input.onDidAccept(() => void accept());
    input.show();
  });
}
