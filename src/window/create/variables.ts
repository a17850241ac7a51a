import * as vscode from 'vscode';
import { enumerate } from '../../common/text.ts';
import { checkVariable, parseVariable } from '../../sandboxes/sessionInput.ts';
import type { Variables } from '../../sandboxes/variables.ts';
import { message } from '../message.ts';
import { readVariables } from '../network.ts';
import { back, choose, icon, type as typeText, type Answer, type Choice, type Place } from '../wizard.ts';

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
  const typed = await typeText(step, '', check);
  return typeof typed === 'string' ? Object.fromEntries([parseVariable(typed)]) : typed;
}

/** Bytes of a file of variables; more is a mistake, since no process can be given as much. */
const mostBytes = 256 * 1024;
/** Of a file that is something else entirely, every line may be wrong. */
const mostErrors = 5;

/** The variables of a file that the user picks; none when anything in it is wrong, which is told. */
async function fromFile(): Promise<Variables> {
  const [file] = (await vscode.window.showOpenDialog({ title: 'Variables', openLabel: 'Take' })) ?? [];
  if (!file) return {};
  try {
    return await readFile(file);
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    void vscode.window.showWarningMessage(message(`Nothing was taken from ${file.path}. ${reason}`));
    return {};
  }
}

/** @throws Error for people, when it cannot be read or is no such file */
async function readFile(file: vscode.Uri): Promise<Variables> {
  const { type, size } = await vscode.workspace.fs.stat(file);
  if (!(type & vscode.FileType.File)) throw new Error('It is no file.');
  if (size > mostBytes)
    throw new Error(`It has more than ${mostBytes / 1024} KiB: it is no file of variables.`);
  const text = Buffer.from(await vscode.workspace.fs.readFile(file)).toString('utf8');
  const { variables, errors, cut } = await readVariables(text);
  if (errors.length === 0) {
    if (cut.length > 0) warnOfCut(file, cut);
    return variables;
  }
  const reasons = errors.slice(0, mostErrors).map(({ field, error }) => `${field}: ${error}`);
  const more = errors.length - reasons.length;
  throw new Error([...reasons, ...(more > 0 ? [`${more} more like these.`] : [])].join(' '));
}

/** Nobody waits for an answer. What was left out is not shown: it may be the rest of a password. */
function warnOfCut(file: vscode.Uri, names: readonly string[]): void {
  const values =
    names.length === 1 ? `The value of ${names[0]} ends` : `The values of ${enumerate(names)} end`;
  const told =
    `${values} at a #: what follows it in ${file.path} was taken for a comment. ` +
    'To keep it, put the whole value in quotation marks and read the file again.';
  void vscode.window.showWarningMessage(message(told));
}
