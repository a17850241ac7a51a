import type { Fleet } from '../sandboxes/fleet.ts';
import type { Sessions } from '../sandboxes/sessions.ts';
import type { ExplorerView } from './explorer/view.ts';
import type { WindowLog } from './log.ts';
import type { TerminalTabs } from './terminals/terminalTabs.ts';

/** What the commands work with. */
export interface Parts {
  readonly fleet: Fleet;
  readonly sessions: Sessions;
  readonly view: ExplorerView;
  readonly tabs: TerminalTabs;
  readonly log: WindowLog;
}
