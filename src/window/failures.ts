import * as vscode from 'vscode';
import type { Log } from '../common/log.ts';
import { plain } from '../common/text.ts';
import { explain, ProviderError } from '../sandboxes/errors.ts';
import { message } from './message.ts';

const worthAnotherTry = new Set(['timeout', 'network', 'unavailable', 'rateLimited']);

/** Shows what went wrong, with the button that may mend it. What the user cancelled is no failure. */
export async function showFailure(
  log: Log & { show(): void },
  thrown: unknown,
  retry?: () => void,
): Promise<void> {
  const error = ProviderError.from(thrown);
  if (error.kind === 'cancelled') return;
  const id = error.requestId ? ` (request ${error.requestId})` : '';
  log.error(
    `${error.kind}: ${plain(explain(error))}${id}${error.kind === 'protocol' ? `\n${error.stack}` : ''}`,
  );
  const buttons = [...(retry && worthAnotherTry.has(error.kind) ? ['Retry'] : []), 'Show Log'];
  const chosen = await vscode.window.showErrorMessage(message(explain(error)), ...buttons);
  if (chosen === 'Retry') retry?.();
  if (chosen === 'Show Log') log.show();
}
