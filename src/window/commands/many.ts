import * as vscode from 'vscode';
import { forEachOf } from '../../common/pool.ts';
import { enumerate } from '../../common/text.ts';
import { explain, ProviderError } from '../../sandboxes/errors.ts';
import type { Sandbox } from '../../sandboxes/sandbox.ts';
import { isWorthAnotherTry, showFailure } from '../failures.ts';
import { message } from '../message.ts';
import type { Parts } from '../parts.ts';
import { withProgress } from '../progress.ts';

/** A service may limit its requests, and the local engine has one machine. */
const atOnce = 4;

/** What is done to each of several sandboxes. */
export interface Work {
  /** As in `Stopping 3 sandboxes…`. */
  readonly doing: string;
  /** As in `2 sandboxes were not stopped`. */
  readonly done: string;
  run(sandbox: Sandbox, signal: AbortSignal): Promise<void>;
  /** Further buttons of the message that tells what failed. */
  remedies?(failures: readonly Failure[]): Record<string, () => void>;
}

/** What several sandboxes are meant for, and those among them that it is not possible for. */
export interface Targets {
  readonly sandboxes: readonly Sandbox[];
  readonly leftOut: readonly Sandbox[];
}

export interface Failure {
  readonly sandbox: Sandbox;
  readonly error: ProviderError;
}

/**
 * Works on the sandboxes under one progress, and tells in one message for which it failed, with a button that tries
 * those again, and which were left out. Never rejects.
 */
export async function workOnAll(parts: Parts, work: Work, { sandboxes, leftOut }: Targets): Promise<void> {
  const failures = sandboxes.length > 0 ? await workUnderProgress(work, sandboxes) : [];
  const rest = enumerate(leftOut.map(nameAndState));
  const isAlone = sandboxes.length + leftOut.length === 1;
  const error = isAlone ? failures[0]?.error : summary(work, failures, rest);
  if (!error) {
    if (rest) void vscode.window.showInformationMessage(`Not ${work.done}: ${rest}.`);
    return;
  }
  const again = failures.filter((failure) => isWorthAnotherTry(failure.error));
  const targets = { sandboxes: again.map(({ sandbox }) => sandbox), leftOut: [] };
  void showFailure(parts.log, error, () => void workOnAll(parts, work, targets), work.remedies?.(failures));
}

async function workUnderProgress(work: Work, sandboxes: readonly Sandbox[]): Promise<Failure[]> {
  const failures: Failure[] = [];
  const title = `${work.doing} ${namesOf(sandboxes)}…`;
  const workOnEach = (signal: AbortSignal, step: () => void) =>
    forEachOf(
      sandboxes,
      atOnce,
      async (sandbox) => {
        await work.run(sandbox, signal).catch((thrown: unknown) => {
          const error = ProviderError.from(thrown);
          if (error.kind !== 'cancelled') failures.push({ sandbox, error });
        });
        step();
      },
      signal,
    );
  await withProgress(title, workOnEach, sandboxes.length);
  return failures;
}

/** The failures as one error, whose kind is that of one that is worth another try, if there is any. */
function summary(work: Work, failures: readonly Failure[], rest: string): ProviderError | undefined {
  const told = failures.find(({ error }) => isWorthAnotherTry(error)) ?? failures[0];
  if (!told) return undefined;
  const count = failures.length === 1 ? '1 sandbox was' : `${failures.length} sandboxes were`;
  const sentences = [`${count} not ${work.done}.`, ...reasons(failures), rest && `Left out: ${rest}.`];
  return new ProviderError(told.error.kind, sentences.filter(Boolean).join(' '));
}

/** A sentence for each reason, with the sandboxes that share it. */
function reasons(failures: readonly Failure[]): string[] {
  const namesByReason = new Map<string, string[]>();
  for (const { sandbox, error } of failures) {
    const reason = explain(error);
    namesByReason.set(reason, [...(namesByReason.get(reason) ?? []), sandbox.name]);
  }
  return Array.from(namesByReason, ([reason, names]) =>
    names.length === 1 && reason.startsWith(`${names[0]} `) ? reason : `${enumerate(names)}: ${reason}`,
  );
}

/** The name of one sandbox, or the number of several. */
export function namesOf(sandboxes: readonly Sandbox[]): string {
  const [only] = sandboxes;
  return only && sandboxes.length === 1 ? message(only.name) : `${sandboxes.length} sandboxes`;
}

export const nameAndState = ({ name, state }: Sandbox): string => message(`${name} is ${state}`);
