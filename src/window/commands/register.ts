import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../common/disposable.ts';
import { showFailure } from '../failures.ts';
import type { Parts } from '../parts.ts';
import { createSandbox } from './create.ts';
import { changeState, deleteSelected } from './lifecycle.ts';
import { copyId, renameSandbox } from './identity.ts';
import { attachSession, killSession, openTerminal } from './terminals.ts';

type Command = (parts: Parts, ...args: unknown[]) => unknown;

/** Every command of the extension; `package.json` names the same ones. */
const commands: Readonly<Record<string, Command>> = {
  'sandboxExplorer.create': createSandbox,
  'sandboxExplorer.openTerminal': openTerminal,
  'sandboxExplorer.pause': changeState('pause', 'Pausing'),
  'sandboxExplorer.resume': changeState('resume', 'Resuming'),
  'sandboxExplorer.stop': changeState('stop', 'Stopping'),
  'sandboxExplorer.start': changeState('start', 'Starting'),
  'sandboxExplorer.delete': deleteSelected,
  'sandboxExplorer.rename': renameSandbox,
  'sandboxExplorer.copyId': copyId,
  'sandboxExplorer.attachSession': attachSession,
  'sandboxExplorer.killSession': killSession,
  'sandboxExplorer.refresh': refresh,
  'sandboxExplorer.retry': refresh,
  'sandboxExplorer.showLog': ({ log }) => log.show(),
};

function refresh({ fleet, sessions }: Parts): Promise<void> {
  sessions.forget();
  return fleet.refresh();
}

/** Registers the commands: the one place where they meet VS Code, and where what they throw becomes a message. */
export function registerCommands(parts: Parts): Disposable {
  const store = new DisposableStore();
  for (const [id, command] of Object.entries(commands)) {
    const run = async (...args: unknown[]): Promise<unknown> => {
      try {
        return await command(parts, ...args);
      } catch (thrown) {
        void showFailure(parts.log, thrown, () => void run(...args));
        return undefined;
      }
    };
    store.add(vscode.commands.registerCommand(id, run));
  }
  return store;
}
