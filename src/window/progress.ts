import * as vscode from 'vscode';
import { ProviderError } from '../sandboxes/errors.ts';

/** What ends within this time needs no notification. */
const patienceMs = 1_000;

/** Runs a task; when it takes long, a notification shows its title and a button that cancels it. */
export async function withProgress<T>(title: string, task: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const running = task(controller.signal);
  const isQuick = await Promise.race([
    running.then(
      () => true,
      () => true,
    ),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(false), patienceMs)),
  ]);
  if (isQuick) return running;
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(options, (_, token) => {
    token.onCancellationRequested(() => controller.abort(new ProviderError('cancelled', 'Cancelled.')));
    return running;
  });
}
