import type * as vscode from 'vscode';
import type { Terminals } from '../../sandboxes/provider.ts';
import type { Sandbox } from '../../sandboxes/sandbox.ts';
import {
  checkFolder,
  checkSessionId,
  checkShell,
  checkVariable,
  parseVariable,
} from '../../sandboxes/sessionInput.ts';
import { message } from '../message.ts';
import type { Parts } from '../parts.ts';
import { waitFor } from '../progress.ts';
import { settings } from '../settings.ts';
import type { NewSession } from '../terminals/sandboxTerminal.ts';
import {
  askInTurn,
  back,
  chooseOr,
  keep,
  other,
  type,
  type Answer,
  type Choice,
  type Place,
} from '../wizard.ts';
import { targetOf } from './target.ts';

const title = 'New Terminal';

/** The shells that most templates have; a path that is empty is the template's own shell. */
const shells: readonly Choice<string | typeof other>[] = [
  { label: 'Default shell', description: "the template's own", value: '' },
  { label: '/bin/bash', value: '/bin/bash' },
  { label: '/bin/sh', value: '/bin/sh' },
  { label: 'Another shell…', alwaysShow: true, value: other },
];

interface Answers {
  readonly folder: string;
  readonly shell: string;
  /** Kept as it is filled: a step back loses none of it. */
  readonly env: Map<string, string>;
  readonly id: string;
}

/** Opens a terminal that is not like the others: Enter through all questions makes one that is. */
export async function newTerminal(parts: Parts, argument: unknown): Promise<vscode.Terminal | undefined> {
  const sandbox = await targetOf(parts, 'openTerminal', argument);
  if (!sandbox) return undefined;
  const newSession = await askForSession(parts, sandbox);
  return newSession && parts.tabs.open(sandbox, undefined, newSession);
}

async function askForSession(parts: Parts, sandbox: Sandbox): Promise<NewSession | undefined> {
  const terminals = await parts.tabs.terminalsOf(sandbox);
  const reading = `Reading the sessions of ${message(sandbox.name)}…`;
  const taken = new Set((await waitFor(reading, parts.sessions.list(sandbox))).map(({ id }) => id));
  const steps = [askFolder, askShell, askVariables, ...askIdOf(terminals, taken)];
  const defaults: Answers = { folder: settings.terminalFolder() ?? '', shell: '', env: new Map(), id: '' };
  const answers = await askInTurn<Answers>(
    defaults,
    steps.map((ask, index) => (known) => ask(known, { title, step: index + 1, totalSteps: steps.length })),
  );
  if (!answers) return undefined;
  const { folder, shell, env, id } = answers;
  return {
    cwd: folder || undefined,
    shell: shell || undefined,
    env: Object.fromEntries(env),
    id: id || undefined,
  };
}

async function askFolder({ folder }: Answers, place: Place): Promise<Answer<Partial<Answers>>> {
  const prompt = 'The folder in the sandbox to start in. Leave it empty for the home folder.';
  const step = { ...place, placeholder: '/home/user', prompt };
  return keep(await type(step, folder, checkFolder), (text) => ({ folder: text.trim() }));
}

async function askShell({ shell }: Answers, place: Place): Promise<Answer<Partial<Answers>>> {
  const step = { ...place, placeholder: 'Choose a shell' };
  const path = { ...place, placeholder: '/usr/bin/fish', prompt: "The shell's path in the sandbox." };
  const chosen = await chooseOr(step, shells, shell, async () =>
    keep(await type(path, shell, checkShell), (text) => text.trim()),
  );
  return keep(chosen, (value) => ({ shell: value }));
}

/** Asks for one variable after the other, until a box is left empty. */
async function askVariables({ env }: Answers, place: Place): Promise<Answer<Partial<Answers>>> {
  for (;;) {
    const names = env.size > 0 ? ` Set so far: ${Array.from(env.keys()).join(', ')}.` : '';
    const prompt = `A variable for the shell. Enter adds it; an empty box goes on.${names}`;
    const typed = await type({ ...place, placeholder: 'NAME=value', prompt }, '', checkVariable);
    if (typed === undefined || typed === back) return typed;
    if (typed.trim() === '') return { env };
    env.set(...parseVariable(typed));
  }
}

/** Only where the service lets its clients choose IDs. */
function askIdOf({ maxIdLength }: Terminals, taken: ReadonlySet<string>) {
  if (maxIdLength === undefined) return [];
  return [
    async ({ id }: Answers, place: Place): Promise<Answer<Partial<Answers>>> => {
      const prompt =
        "The session's ID, to find it again in the tree. Leave it empty for one of the service's.";
      const step = { ...place, placeholder: 'my-session', prompt };
      const typed = await type(step, id, (text) => checkSessionId(text, maxIdLength, taken));
      return keep(typed, (text) => ({ id: text.trim() }));
    },
  ];
}
