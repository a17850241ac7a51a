import type { Provider } from './provider.ts';
import type { SandboxRecord, SandboxState } from './sandbox.ts';

/** What can be done with a sandbox; also the words of the tree's context values and of the commands. */
export type Action =
  | 'openTerminal'
  | 'pause'
  | 'resume'
  | 'stop'
  | 'start'
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
  const allowed: Record<Action, boolean> = {
    openTerminal: provider.terminals !== undefined && state === 'running',
    pause: provider.pause !== undefined && state === 'running',
    resume: provider.resume !== undefined && state === 'paused',
    stop: provider.stop !== undefined && state === 'running',
    start: provider.start !== undefined && state === 'stopped',
    showDetails: true,
    rename: state !== 'deleting',
    copyId: true,
    delete: settled.has(state),
  };
  return new Set((Object.keys(allowed) as Action[]).filter((action) => allowed[action]));
}

/** Why an action is not possible, to follow the words `NAME is STATE:`. */
export const refusals: Readonly<Record<Action, string>> = {
  openTerminal: 'only one that runs has terminals.',
  pause: 'only one that runs can be paused.',
  resume: 'only one that is paused can be resumed.',
  stop: 'only one that runs can be stopped.',
  start: 'only one that is stopped can be started.',
  showDetails: 'its details cannot be shown.',
  rename: 'it cannot be renamed any more.',
  copyId: 'its ID cannot be copied.',
  delete: 'wait until that is over, then delete it.',
};
