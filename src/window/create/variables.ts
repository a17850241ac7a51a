import * as vscode from 'vscode';
import { checkVariable, parseVariable } from '../../sandboxes/sessionInput.ts';
import type { Variables } from '../../sandboxes/variables.ts';
import { message } from '../message.ts';
import { readVariables } from '../network.ts';
import { back, choose, icon, type, type Answer, type Choice, type Place } from '../wizard.ts';

type Wish = 'done' | 'type' | 'file' | { readonly remove: string };

/** Lets the user type variables, take them from `.env` files, and take them out again. */
export async function askVariables(place: Place, known: Variables): Promise<Answer<Variables>> {
  let env = known;
  for (;;) {
    const placeholder = 'Variables for every process in the sandbox; choose one to take it out';
    const wish = await choose<Wish>({ ...place, placeholder }, choicesOf(env));
    if (wish === undefined) return undefined;
    if (wish === 'done' || wish === back) return env;
    if (wish === 'file') env = { ...env, ...(await fromFile()) };
    else if (wish === 'type') {
      const typed = await typeVariable(place);
      if (typed === undefined) return undefined;
      if (typed !== back) env = { ...env, ...typed };
    } else {
      const { [wish.remove]: _, ...others } = env;
      env = others;
    }
  }
}

function choicesOf(env: Variables): Choice<Wish>[] {
  const names = Object.keys(env);
  const adding: Choice<Wish>[] = [
    { label: 'Type a variable…', ...icon('edit'), value: 'type' },
    { label: 'From a .env file…', ...icon('file'), value: 'file' },
  ];
  const set = names.map((name) => ({
    label: name,
    description: 'choose it to take it out',
    ...icon('symbol-variable'),
    value: { remove: name },
  }));
  const done: Choice<Wish> = { label: 'Done', ...icon('check'), value: 'done' };
  return names.length > 0 ? [done, ...adding, ...set] : [...adding, done];
}

const check = (text: string) => (text.trim() ? checkVariable(text) : 'Type NAME=value.');

async function typeVariable(place: Place): Promise<Answer<Variables>> {
  const step = { ...place, placeholder: 'NAME=value' };
  const typed = await type(step, '', check);
  return typeof typed === 'string' ? Object.fromEntries([parseVariable(typed)]) : typed;
}

/** The variables of a file that the user picks; none when anything in it is wrong, which is told. */
async function fromFile(): Promise<Variables> {
  const [file] = (await vscode.window.showOpenDialog({ title: 'Variables', openLabel: 'Take' })) ?? [];
  if (!file) return {};
  const text = Buffer.from(await vscode.workspace.fs.readFile(file)).toString('utf8');
  const { variables, errors } = await readVariables(text);
  if (errors.length === 0) return variables;
  const reasons = errors.map(({ field, error }) => `${field}: ${error}`).join(' ');
  void vscode.window.showWarningMessage(message(`Nothing was taken from ${file.path}. ${reasons}`));
  return {};
}
