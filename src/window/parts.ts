import type { Fleet } from '../sandboxes/fleet.ts';
import type { Forwards } from '../sandboxes/forwards.ts';
import type { Sessions } from '../sandboxes/sessions.ts';
import type { SharedUrls } from '../sandboxes/sharedUrls.ts';
import type { SnapshotLists } from '../sandboxes/snapshotLists.ts';
import type { Accounts } from './accounts/accounts.ts';
import type { CreateMemory } from './createMemory.ts';
import type { Details } from './details.ts';
import type { WindowArrangement } from './explorer/arrangement.ts';
import type { ExplorerView } from './explorer/view.ts';
import type { WindowLog } from './log.ts';
import type { Ssh } from './remote/ssh.ts';
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
  readonly snapshots: SnapshotLists;
  readonly urls: SharedUrls;
  readonly forwards: Forwards;
  readonly accounts: Accounts;
  readonly memory: CreateMemory;
  readonly view: ExplorerView;
  readonly arrangement: WindowArrangement;
  readonly details: Details;
  readonly tabs: TerminalTabs;
  readonly ssh: Ssh;
  readonly log: WindowLog;
  readonly manifest: Manifest;
}
