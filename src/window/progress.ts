import * as vscode from 'vscode';
import { untilAborted } from '../common/abort.ts';
import { ProviderError } from '../sandboxes/errors.ts';

/** What ends within this time needs no notification. */
const patienceMs = 1_000;

/**
 * Runs a task; when it takes long, a notification shows its title and a button that cancels it.
 * @param steps The number of times that the task will tell that a part of it is done.
 */
export async function withProgress<T>(
  title: string,
  task: (signal: AbortSignal, step: () => void) => Promise<T>,
  steps = 0,
): Promise<T> {
  const controller = new AbortController();
  let done = 0;
  let show: (() => void) | undefined;
  const running = task(controller.signal, () => {
    done++;
    show?.();
  });
  const isQuick = await Promise.race([
    running.then(
      () => true,
      () => true,
    ),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(false), patienceMs)),
  ]);
  if (isQuick) return running;
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(options, (progress, token) => {
    token.onCancellationRequested(() => controller.abort(new ProviderError('cancelled', 'Cancelled.')));
    let shown = 0;
    show = () => {
      if (steps > 0) progress.report({ increment: (100 * (done - shown)) / steps });
      shown = done;
    };
    show();
    return running;
  });
}

/** Waits for what cannot be cancelled itself, until the user has enough of it. */
export function waitFor<T>(title: string, task: Promise<T>): Promise<T> {
  return withProgress(title, (signal) => untilAborted(task, signal));
}
