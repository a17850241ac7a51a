import * as vscode from 'vscode';
import type { Conflict } from '../../ssh/config/conflicts.ts';
import { explain, ProviderError } from '../../sandboxes/errors.ts';
import { showFailure } from '../failures.ts';
import { message } from '../message.ts';
import type { Parts } from '../parts.ts';
import { editorsConfig, includeIn } from './include.ts';
import type { Resolver } from './resolver.ts';

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
export async function mayOpen(parts: Parts, host: string, resolver: Resolver): Promise<boolean> {
  const { ownConfig } = await parts.ssh.integration();
  const file = editorsConfig(resolver) ?? ownConfig;
  const obstacle = await findObstacle(parts, host, vscode.env.appName, file);
  if (!obstacle) return true;
  const { id, told, remedy } = obstacle;
  const anyway = 'Open Anyway';
  // Before the window opens: one that takes the place of this one takes the message away, too.
  const chosen = await vscode.window.showWarningMessage(told, ...(remedy ? [remedy.button] : []), anyway);
  if (chosen === anyway) await parts.ssh.memory.acceptObstacle(id);
  return chosen === anyway || (chosen !== undefined && remedy !== undefined && (await remedy.mend()));
}

/** Warns of what keeps terminals from a host; nobody waits for an answer. */
export async function warnTerminals(parts: Parts, host: string): Promise<void> {
  const { configFile, ownConfig } = await parts.ssh.integration();
  for (const file of new Set([configFile, ownConfig])) {
    const obstacle = await findObstacle(parts, host, 'ssh', file);
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
async function findObstacle(
  parts: Parts,
  host: string,
  reader: string,
  file: string,
): Promise<Obstacle | undefined> {
  const { integration, memory } = parts.ssh;
  const outcome = await (await integration()).check(host, file);
  if (outcome.kind !== 'read') return undefined;
  const [conflict, ...others] = outcome.conflicts;
  const obstacle = outcome.reached
    ? conflict && outruled(host, conflict, others)
    : notFound(parts, host, reader, file);
  return obstacle && !memory.acceptsObstacle(obstacle.id) ? obstacle : undefined;
}

function notFound(parts: Parts, host: string, reader: string, file: string): Obstacle {
  return {
    id: JSON.stringify([reader, file]),
    told: message(
      `${reader} does not find ${host} with ${file}, which does not include the hosts of Sandbox Explorer.`,
    ),
    remedy: { button: 'Add Line…', mend: () => includeIn(parts, host, file) },
  };
}

/** An option that another rule of the user's has settled may keep everybody out: it is told where that rule is. */
function outruled(host: string, conflict: Conflict, others: readonly Conflict[]): Obstacle {
  const { option, actual, rule } = conflict;
  const where = rule ? `line ${rule.line} of ${rule.file}` : 'another rule of your SSH config';
  const more = others.length > 0 ? ` The same goes for ${others.map((one) => one.option).join(', ')}.` : '';
  const told = `${host} may not be reached: ${where} settles ${option} as “${actual}” before Sandbox Explorer can.${more}`;
  const remedy = rule && {
    button: 'Show Line',
    mend: async () => {
      await showLine(rule.file, rule.line);
      return false;
    },
  };
  const id = JSON.stringify([conflict, ...others].map((one) => [one.option, one.actual]));
  return { id, told: message(told), remedy };
}

async function showLine(file: string, line: number): Promise<void> {
  const selection = new vscode.Range(line - 1, 0, line - 1, 0);
  await vscode.window.showTextDocument(vscode.Uri.file(file), { selection });
}
