import * as vscode from 'vscode';
import type { Log } from '../common/log.ts';
import { plain } from '../common/text.ts';
import { explain, ProviderError } from '../sandboxes/errors.ts';
import { extensionId } from './extensionId.ts';
import { message } from './message.ts';
import { SettingError } from './settings.ts';

const worthAnotherTry = new Set(['timeout', 'network', 'unavailable', 'rateLimited']);

/** Whether the same thing may go well the next time without anything being changed. */
export const isWorthAnotherTry = ({ kind }: ProviderError): boolean => worthAnotherTry.has(kind);

/** Shows what went wrong, with the button that may mend it. What the user cancelled is no failure. */
export async function showFailure(
  log: Log & { show(): void },
  thrown: unknown,
  retry?: () => void,
  remedies: Readonly<Record<string, () => void>> = {},
): Promise<void> {
  const error = ProviderError.from(thrown);
  if (error.kind === 'cancelled') return;
  const id = error.requestId ? ` (request ${error.requestId})` : '';
  log.error(
    `${error.kind}: ${plain(explain(error))}${id}${error.kind === 'protocol' ? `\n${error.stack}` : ''}`,
  );
  const buttons: Record<string, () => void> = {
    ...remedies,
    ...(error instanceof SettingError && { 'Open Settings': () => void openSettings(error.setting) }),
    ...(retry && isWorthAnotherTry(error) && { Retry: retry }),
    'Show Log': () => log.show(),
  };
  const chosen = await vscode.window.showErrorMessage(message(explain(error)), ...Object.keys(buttons));
  if (chosen) buttons[chosen]?.();
}

/** Opens the settings editor: at one setting, or at all of the extension. */
export async function openSettings(setting?: string): Promise<void> {
  const query = setting ? `@id:${setting}` : `@ext:${extensionId}`;
  await vscode.commands.executeCommand('workbench.action.openSettings', query);
}
