import * as v from 'valibot';
import { plain } from '../../common/text.ts';
import { ProviderError } from '../../sandboxes/errors.ts';
import { type SshFolder, isHostName } from '../folder.ts';
import { hostEntry } from '../hostEntry.ts';
import { readIfThere } from './replaceFile.ts';

const host = v.object({
  /** The sandbox's; it stays when the sandbox gets another name or id. */
  key: v.string(),
  accountId: v.string(),
  /** What people call them, for the comment. */
  account: v.string(),
  sandbox: v.string(),
  template: v.optional(v.string()),
  /** How it is reached, and so what its entry looks like. */
  kind: v.literal('proxy'),
});

const index = v.object({
  /** The editor's name, as in `Visual Studio Code`. */
  editor: v.string(),
  /** The folder that holds the folders of its extensions. */
  extensions: v.string(),
  /** The program that its entries start: each version has one of its own. */
  launcher: v.string(),
  hosts: v.record(v.pipe(v.string(), v.check(isHostName)), host),
});

/** A sandbox that has a host of ours. */
export type Host = v.InferOutput<typeof host>;
/** The hosts of one editor, by name. */
export type HostIndex = v.InferOutput<typeof index>;

/**
 * Reads an editor's hosts; nothing when it has none yet.
 * @throws ProviderError `protocol` when somebody has damaged the file: to take it for empty would drop their hosts.
 */
export async function readIndex(path: string): Promise<HostIndex | undefined> {
  const text = (await readIfThere(path))?.toString();
  if (text === undefined) return undefined;
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), index), text);
  if (result.success) return result.output;
  throw new ProviderError('protocol', `The file ${path} is damaged.`, {
    advice: 'Delete it, and open SSH on your sandboxes from the Sandbox Explorer view again.',
  });
}

export const indexText = (hosts: HostIndex): string => `${JSON.stringify(hosts, undefined, 2)}\n`;

/** What `ssh` reads: an entry for every host of an editor. */
export function fragmentText(folder: SshFolder, { editor, launcher, hosts }: HostIndex): string {
  const entries = Object.entries(hosts).map(
    ([name, each]) => `\n# ${describe(each)}\n${entryOf(folder, launcher, name, each)}`,
  );
  return `# Sandbox Explorer in ${comment(editor)} writes this file anew: what you change in it is lost.\n${entries.join('')}`;
}

const describe = ({ sandbox, account, template }: Host): string =>
  comment([sandbox, `account ${account}`, template && `template ${template}`].filter(Boolean).join(', '));

function entryOf(folder: SshFolder, launcher: string, name: string, { kind }: Host): string {
  switch (kind) {
    case 'proxy':
      return hostEntry(folder, launcher, name);
  }
}

const maxComment = 200;

/** The only way for a text of a server or a user into the config: one line, which `ssh` skips. */
const comment = (text: string): string => plain(text).slice(0, maxComment);
