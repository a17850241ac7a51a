import * as vscode from 'vscode';
import type { Conflict, LongSocket, Outcome, Place } from '../../ssh/config/conflicts.ts';
import type { Survey } from '../../ssh/config/survey.ts';
import { explain, ProviderError } from '../../sandboxes/errors.ts';
import { showFailure } from '../failures.ts';
import { message } from '../message.ts';
import type { Parts } from '../parts.ts';
import { editorsConfig, includeIn } from './include.ts';
import type { Resolver } from './resolver.ts';
import { readingConfig } from './survey.ts';

/** What of the user's SSH config keeps a host from being reached. */
interface Obstacle {
  /** Names it, for an answer that holds until it is another one. */
  readonly id: string;
  readonly told: string;
  readonly remedy?: Remedy | undefined;
}

interface Remedy {
  readonly button: string;
  /** @returns whether the obstacle is gone */
  readonly mend: () => Promise<boolean>;
}

/** Warns of what keeps the editor from a host. @returns whether nothing does, or the user wants to try all the same */
export async function mayOpen(parts: Parts, survey: Survey, resolver: Resolver): Promise<boolean> {
  const { ownConfig } = await parts.ssh.integration();
  const file = editorsConfig(resolver) ?? ownConfig;
  for (const { id, told, remedy } of await findObstacles(parts, survey, vscode.env.appName, file)) {
    const anyway = 'Open Anyway';
    // Before the window opens: one that takes the place of this one takes the message away, too.
    const chosen = await vscode.window.showWarningMessage(told, ...(remedy ? [remedy.button] : []), anyway);
    if (chosen === anyway) await parts.ssh.memory.acceptObstacle(id);
    else if (chosen === undefined || !(await remedy?.mend())) return false;
  }
  return true;
}

/** Warns of what keeps terminals from a host; nobody waits for an answer. */
export async function warnTerminals(parts: Parts, survey: Survey): Promise<void> {
  const { configFile, ownConfig } = await parts.ssh.integration();
  for (const file of new Set([configFile, ownConfig])) {
    const [obstacle] = await findObstacles(parts, survey, 'ssh', file);
    if (!obstacle) continue;
    void tell(parts, obstacle);
    return;
  }
}

/** Warns that a config cannot get the line, where it can be done without; nobody waits for an answer. */
export function warnUnwritable(parts: Parts, thrown: unknown): void {
  const told = message(explain(ProviderError.from(thrown)));
  if (!parts.ssh.memory.acceptsObstacle(told)) void tell(parts, { id: told, told });
}

async function tell({ log, ssh }: Parts, { id, told, remedy }: Obstacle): Promise<void> {
  const buttons = remedy ? [remedy.button] : [];
  const chosen = await vscode.window.showWarningMessage(told, ...buttons, 'OK');
  if (chosen === 'OK') await ssh.memory.acceptObstacle(id);
  if (chosen === undefined || chosen === 'OK') return;
  await remedy?.mend().catch((thrown: unknown) => showFailure(log, thrown));
}

/**
 * What the user has not accepted yet.
 * @param reader Who starts `ssh` with the file, for a person.
 */
async function findObstacles(
  { ssh }: Parts,
  survey: Survey,
  reader: string,
  file: string,
): Promise<Obstacle[]> {
  const outcome = await readingConfig(survey.check(file));
  return obstaclesIn(outcome, survey, reader, file).filter(({ id }) => !ssh.memory.acceptsObstacle(id));
}

function obstaclesIn(outcome: Outcome, survey: Survey, reader: string, file: string): Obstacle[] {
  if (outcome.kind === 'unknown') return [];
  if (outcome.kind === 'refused') return [unreadable(file, outcome.reason)];
  if (!outcome.reached) return [notFound(survey, reader, file)];
  const { host } = survey;
  const [conflict, ...others] = outcome.conflicts;
  const { longSocket } = outcome;
  return [
    ...(conflict ? [outruled(host, conflict, others)] : []),
    ...(longSocket ? [tooLong(host, longSocket)] : []),
  ];
}

/** With such a config `ssh` reaches no host at all. */
const unreadable = (file: string, reason: string): Obstacle => ({
  id: JSON.stringify([file, reason]),
  told: message(`ssh cannot read ${file}: ${reason}.`),
});

function notFound(survey: Survey, reader: string, file: string): Obstacle {
  return {
    id: JSON.stringify([reader, file]),
    told: message(
      `${reader} does not find ${survey.host} with ${file}, which does not include the hosts of Sandbox Explorer.`,
    ),
    remedy: { button: 'Add Line…', mend: () => includeIn(survey, file) },
  };
}

/** An option that another rule of the user's has settled may keep everybody out: it is told where that rule is. */
function outruled(host: string, conflict: Conflict, others: readonly Conflict[]): Obstacle {
  const { option, actual, rule } = conflict;
  const more = others.length > 0 ? ` The same goes for ${others.map((one) => one.option).join(', ')}.` : '';
  const told = `${host} may not be reached: ${where(rule)} settles ${option} as “${actual}” before Sandbox Explorer can.${more}`;
  const id = JSON.stringify([conflict, ...others].map((one) => [one.option, one.actual]));
  return { id, told: message(told), remedy: rule && show(rule) };
}

/** Holds for this host only: another name may make a path that is short enough. */
function tooLong(host: string, { path, most, rule }: LongSocket): Obstacle {
  const told =
    `${host} cannot be reached: ${where(rule)} sets a ControlPath of ${Buffer.byteLength(path)} bytes for it, and ` +
    `the path of a socket has ${most} at most. Use %C in place of names there, as in ~/.ssh/%C.`;
  return { id: JSON.stringify(['controlpath', path]), told: message(told), remedy: rule && show(rule) };
}

const where = (rule: Place | undefined): string =>
  rule ? `line ${rule.line} of ${rule.file}` : 'another rule of your SSH config';

const show = ({ file, line }: Place): Remedy => ({
  button: 'Show Line',
  mend: async () => {
    await showLine(file, line);
    return false;
  },
});

async function showLine(file: string, line: number): Promise<void> {
  const selection = new vscode.Range(line - 1, 0, line - 1, 0);
  await vscode.window.showTextDocument(vscode.Uri.file(file), { selection });
}
