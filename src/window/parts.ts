import type { Fleet } from '../sandboxes/fleet.ts';
import type { Sessions } from '../sandboxes/sessions.ts';
import type { Details } from './details.ts';
import type { WindowArrangement } from './explorer/arrangement.ts';
import type { ExplorerView } from './explorer/view.ts';
import type { WindowLog } from './log.ts';
import type { TerminalTabs } from './terminals/terminalTabs.ts';

/** What package.json says of the commands. */
export interface Manifest {
  readonly commands: readonly {
    readonly command: string;
    readonly title: string;
    /** As in `$(trash)`. */
    readonly icon?: string;
  }[];
}

/** What the commands work with. */
export interface Parts {
  readonly fleet: Fleet;
  readonly sessions: Sessions;
  readonly view: ExplorerView;
  readonly arrangement: WindowArrangement;
  readonly details: Details;
  readonly tabs: TerminalTabs;
  readonly log: WindowLog;
  readonly manifest: Manifest;
}
