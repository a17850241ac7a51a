import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../common/disposable.ts';
import { isNode } from '../explorer/nodes.ts';
import { openSettings, showFailure } from '../failures.ts';
import type { Parts } from '../parts.ts';
import { clearFilter, filter, setHideStopped, sortBy } from './arrange.ts';
import { addSandboxById, moveAccount, renameAccount, replaceKey, signOut } from './accounts.ts';
import { addAccount } from './addAccount.ts';
import { createAgain, createSandbox, createWithDefaults } from './create.ts';
import { copyEnvironment } from './copyEnvironment.ts';
import { deleteAllStopped } from './deleteStopped.ts';
import { changeState, deleteSelected } from './lifecycle.ts';
import { copyForward, forwardPort, openForward, stopForward } from './forwards.ts';
import { copyId, renameSandbox, showDetails } from './identity.ts';
import { newTerminal } from './newTerminal.ts';
import { oncePerRow } from './oncePerRow.ts';
import { copyPortUrl, copySessionUrl, copyUrl, openPort, openUrl, revokeUrl } from './ports.ts';
import { restoreSnapshot } from './restoreSnapshot.ts';
import { createSnapshot, deleteSnapshot } from './snapshots.ts';
import { showActions } from './showActions.ts';
import { copySshCommand, openFolderInRemoteSsh, openInRemoteSsh, removeSshIntegration } from './ssh.ts';
import {
  copyProviderSshCommand,
  regenerateSshAccess,
  revokeSshAccess,
  showSshAccess,
  validateSshAccess,
} from './sshAccess.ts';
import { copyPublicSshKey, rotateSshKeys } from './sshKeys.ts';
import { attachSession, killSession, openTerminal } from './terminals.ts';

type Command = (parts: Parts, ...args: unknown[]) => unknown;

/** Every command of the extension; `package.json` names the same ones. */
const commands: Readonly<Record<string, Command>> = {
  'sandboxExplorer.create': createSandbox,
  'sandboxExplorer.createWithDefaults': createWithDefaults,
  'sandboxExplorer.createAgain': createAgain,
  'sandboxExplorer.addAccount': addAccount,
  'sandboxExplorer.renameAccount': renameAccount,
  'sandboxExplorer.replaceKey': replaceKey,
  'sandboxExplorer.moveAccountUp': moveAccount('moveAccountUp'),
  'sandboxExplorer.moveAccountDown': moveAccount('moveAccountDown'),
  'sandboxExplorer.signOut': signOut,
  'sandboxExplorer.addSandboxById': addSandboxById,
  'sandboxExplorer.copyEnvironment': copyEnvironment,
  'sandboxExplorer.snapshot': createSnapshot,
  'sandboxExplorer.restoreSnapshot': restoreSnapshot,
  'sandboxExplorer.deleteSnapshot': deleteSnapshot,
  'sandboxExplorer.openPort': openPort,
  'sandboxExplorer.copyPortUrl': copyPortUrl,
  'sandboxExplorer.forwardPort': forwardPort,
  'sandboxExplorer.openForward': openForward,
  'sandboxExplorer.copyForward': copyForward,
  'sandboxExplorer.stopForward': stopForward,
  'sandboxExplorer.openUrl': oncePerRow(openUrl),
  'sandboxExplorer.copyUrl': copyUrl,
  'sandboxExplorer.revokeUrl': revokeUrl,
  'sandboxExplorer.copySessionUrl': copySessionUrl,
  'sandboxExplorer.openTerminal': openTerminal,
  'sandboxExplorer.newTerminal': newTerminal,
  'sandboxExplorer.pause': changeState('pause', 'Pausing', 'paused'),
  'sandboxExplorer.resume': changeState('resume', 'Resuming', 'resumed'),
  'sandboxExplorer.stop': changeState('stop', 'Stopping', 'stopped'),
  'sandboxExplorer.start': changeState('start', 'Starting', 'started'),
  'sandboxExplorer.delete': deleteSelected,
  'sandboxExplorer.deleteAllStopped': deleteAllStopped,
  'sandboxExplorer.showDetails': showDetails,
  'sandboxExplorer.showActions': showActions,
  'sandboxExplorer.rename': renameSandbox,
  'sandboxExplorer.copyId': copyId,
  'sandboxExplorer.attachSession': attachSession,
  'sandboxExplorer.killSession': killSession,
  'sandboxExplorer.openInRemoteSsh': openInRemoteSsh('openInRemoteSsh', false),
  'sandboxExplorer.openInRemoteSshNewWindow': openInRemoteSsh('openInRemoteSshNewWindow', true),
  'sandboxExplorer.openFolderInRemoteSsh': openFolderInRemoteSsh,
  'sandboxExplorer.copySshCommand': copySshCommand,
  'sandboxExplorer.copyProviderSshCommand': copyProviderSshCommand,
  'sandboxExplorer.showSshAccess': showSshAccess,
  'sandboxExplorer.validateSshAccess': validateSshAccess,
  'sandboxExplorer.regenerateSshAccess': regenerateSshAccess,
  'sandboxExplorer.revokeSshAccess': revokeSshAccess,
  'sandboxExplorer.rotateSshKeys': rotateSshKeys,
  'sandboxExplorer.copyPublicSshKey': copyPublicSshKey,
  'sandboxExplorer.removeSshIntegration': removeSshIntegration,
  'sandboxExplorer.filter': filter,
  'sandboxExplorer.clearFilter': clearFilter,
  'sandboxExplorer.hideStopped': setHideStopped(true),
  'sandboxExplorer.showStopped': setHideStopped(false),
  'sandboxExplorer.sortBy': sortBy,
  'sandboxExplorer.refresh': refresh,
  'sandboxExplorer.retry': refresh,
  'sandboxExplorer.show': () => vscode.commands.executeCommand('sandboxExplorer.focus'),
  'sandboxExplorer.openSettings': (_, node) => openSettings(settingOf(node)),
  'sandboxExplorer.showLog': ({ log }) => log.show(),
};

function refresh({ view, sessions, snapshots }: Parts): Promise<void> {
  sessions.forget();
  snapshots.forget();
  return view.refresh();
}

const settingOf = (node: unknown): string | undefined =>
  isNode(node) && node.kind === 'failure' ? node.setting : undefined;

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
