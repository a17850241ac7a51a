import { ProviderError } from './errors.ts';
import type { Provider } from './provider.ts';
import type { Sandbox, SandboxRecord, SandboxState } from './sandbox.ts';

/** What can be done with a sandbox; also the words of the tree's context values and of the commands. */
export type Action =
  | 'openTerminal'
  | 'pause'
  | 'resume'
  | 'stop'
  | 'start'
  | 'snapshot'
  | 'createAgain'
  | 'openPort'
  | 'forwardPort'
  | 'copyPortUrl'
  | 'openInRemoteSsh'
  | 'openInRemoteSshNewWindow'
  | 'openFolderInRemoteSsh'
  | 'copySshCommand'
  | 'copyProviderSshCommand'
  | 'showSshAccess'
  | 'validateSshAccess'
  | 'regenerateSshAccess'
  | 'revokeSshAccess'
  | 'showDetails'
  | 'rename'
  | 'copyId'
  | 'delete';

const settled: ReadonlySet<SandboxState> = new Set(['running', 'paused', 'stopped', 'unknown']);

/**
 * What may be done with a sandbox in its present state, given what its provider has. The tree, the menus, the
 * palette and the commands' own guards all ask here and nowhere else.
 */
export function actions(sandbox: Pick<SandboxRecord, 'state'>, provider: Provider): ReadonlySet<Action> {
  const { state } = sandbox;
  const ssh = provider.ssh !== undefined && settled.has(state);
  const allowed: Record<Action, boolean> = {
    openTerminal: provider.terminals !== undefined && state === 'running',
    pause: provider.pause !== undefined && state === 'running',
    resume: provider.resume !== undefined && state === 'paused',
    stop: provider.stop !== undefined && state === 'running',
    start: provider.start !== undefined && state === 'stopped',
    snapshot: provider.snapshots !== undefined && state === 'running',
    createAgain: state !== 'deleting',
    openPort: (provider.ports?.presigned ?? provider.ssh) !== undefined && state === 'running',
    forwardPort: provider.ssh !== undefined && state === 'running',
    copyPortUrl: provider.ports !== undefined && state !== 'deleting',
    openInRemoteSsh: ssh,
    openInRemoteSshNewWindow: ssh,
    openFolderInRemoteSsh: ssh,
    copySshCommand: ssh,
    copyProviderSshCommand: ssh,
    showSshAccess: ssh,
    validateSshAccess: ssh,
    regenerateSshAccess: ssh,
    revokeSshAccess: ssh,
    showDetails: true,
    rename: state !== 'deleting',
    copyId: true,
    delete: state !== 'deleting',
  };
  return new Set((Object.keys(allowed) as Action[]).filter((action) => allowed[action]));
}

/**
 * The sandbox, if this may be done with it.
 * @throws ProviderError `conflict` when it may not
 */
export function demandAction(sandbox: Sandbox, action: Action, provider: Provider): Sandbox {
  if (actions(sandbox, provider).has(action)) return sandbox;
  throw new ProviderError('conflict', `${sandbox.name} is ${sandbox.state}: ${refusals[action]}`);
}

const waitForSsh = 'it has no SSH access, or not yet.';

/** Why an action is not possible, to follow the words `NAME is STATE:`. */
export const refusals: Readonly<Record<Action, string>> = {
  openTerminal: 'only one that runs has terminals.',
  pause: 'only one that runs can be paused.',
  resume: 'only one that is paused can be resumed.',
  stop: 'only one that runs can be stopped.',
  start: 'only one that is stopped can be started.',
  snapshot: 'only one that runs can be snapshotted.',
  createAgain: 'no other one can be made like it.',
  openPort: 'only one that runs has ports to open.',
  forwardPort: 'only one that runs has ports to forward.',
  copyPortUrl: 'its ports have no addresses any more.',
  openInRemoteSsh: waitForSsh,
  openInRemoteSshNewWindow: waitForSsh,
  openFolderInRemoteSsh: waitForSsh,
  copySshCommand: waitForSsh,
  copyProviderSshCommand: waitForSsh,
  showSshAccess: waitForSsh,
  validateSshAccess: waitForSsh,
  regenerateSshAccess: waitForSsh,
  revokeSshAccess: waitForSsh,
  showDetails: 'its details cannot be shown.',
  rename: 'it cannot be renamed any more.',
  copyId: 'its ID cannot be copied.',
  delete: 'if that does not come to an end, try again.',
};
