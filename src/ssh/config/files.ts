import { join } from 'node:path';
import type { SshFolder } from '../folder.ts';

/** What of our folder is about the SSH config. */
export interface ConfigFiles {
  /** What the user's own config includes; itself it includes the fragments. */
  readonly config: string;
  /** Nothing but the line that the user's own config gets: it shows what `ssh` makes of that. */
  readonly line: string;
  /** A file per editor, with its hosts: `ssh` reads all of them whose names do not begin with a dot. */
  readonly fragments: string;
  /** A file per editor: which sandbox each of its hosts is. */
  readonly indices: string;
  /** Which config files of the user's have our line. */
  readonly included: string;
}

export function configFiles({ root }: SshFolder): ConfigFiles {
  return {
    config: join(root, 'config'),
    line: join(root, 'line'),
    fragments: join(root, 'config.d'),
    indices: join(root, 'hosts'),
    included: join(root, 'included.json'),
  };
}
