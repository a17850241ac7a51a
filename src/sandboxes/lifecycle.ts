import type { Action } from './actions.ts';
import type { SandboxState } from './sandbox.ts';

/** What changes the state of a sandbox and nothing else. */
export type Lifecycle = Extract<Action, 'pause' | 'resume' | 'stop' | 'start'>;

/** What a sandbox is shown as while the command is under way. */
export const transitionOf: Readonly<Record<Lifecycle, SandboxState>> = {
  pause: 'pausing',
  resume: 'resuming',
  stop: 'stopping',
  start: 'starting',
};
