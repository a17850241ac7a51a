import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import * as v from 'valibot';
import { namesIn, type SshFolder } from '../folder.ts';
import { writeOwn } from '../ownFiles.ts';

/** The shortest limit of a Unix socket's path among the systems that we run on, with its final NUL. */
const maxSocketPath = 104;
const folderPrefix = 'sbx-ssh-';

const announcement = v.object({
  socket: v.string(),
  /** The name of the machine that the window is on: home folders may be on a network. */
  machine: v.string(),
});

/** Where a window listens, as it tells in a file of its own. */
export interface Announced {
  readonly file: string;
  readonly socket: string;
  /** Whether this machine may take it away: another one's window may be alive although nothing listens here. */
  readonly isHere: boolean;
}

/**
 * Chooses where a window will listen. On Windows that is a pipe, which others may see: so its name is one that nobody
 * can have taken before. A Unix socket whose path would be too long in our folder gets a folder of its own.
 */
export function chooseSocket(folder: SshFolder): Announced {
  const id = randomBytes(16).toString('hex');
  const file = join(folder.windows, `${id}.json`);
  if (process.platform === 'win32')
    return { file, socket: `\\\\.\\pipe\\sandbox-explorer-${id}`, isHere: true };
  const socket = join(folder.windows, `${id.slice(0, 8)}.sock`);
  if (Buffer.byteLength(socket) < maxSocketPath) return { file, socket, isHere: true };
  return { file, socket: join(mkdtempSync(join(shortFolder(), folderPrefix)), 's'), isHere: true };
}

export async function announce({ file, socket }: Announced): Promise<void> {
  await writeOwn(file, `${JSON.stringify({ socket, machine: hostname() })}\n`);
}

/** The windows that have announced themselves, the latest first: the others are more likely to be gone. */
export function announced(folder: SshFolder): Announced[] {
  const files = namesIn(folder.windows)
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(folder.windows, name));
  return files.flatMap((file) => read(file)).toSorted((one, other) => other.since - one.since);
}

/** Removes what is left of a window that does not listen any more. */
export function withdraw({ file, socket }: Announced): void {
  rmSync(file, { force: true });
  if (process.platform === 'win32') return;
  const folder = dirname(socket);
  if (basename(folder).startsWith(folderPrefix)) rmSync(folder, { recursive: true, force: true });
  else if (isInOurFolder({ file, socket })) rmSync(socket, { force: true });
}

/** Elsewhere a socket may be missing although its window lives: in a container's own `/tmp`, say. */
export const isInOurFolder = ({ file, socket }: Pick<Announced, 'file' | 'socket'>): boolean =>
  dirname(socket) === dirname(file);

function read(file: string): (Announced & { since: number })[] {
  try {
    const { socket, machine } = v.parse(announcement, JSON.parse(readFileSync(file, 'utf8')));
    // A name may change while a machine runs, so a window of another name may be one of this machine all the same.
    return [{ file, socket, isHere: machine === hostname(), since: statSync(file).mtimeMs }];
  } catch {
    // Gone this very moment, or damaged: either way nobody can be reached by it.
    return [];
  }
}

const shortFolder = (): string =>
  [process.env['XDG_RUNTIME_DIR'], tmpdir()].find(
    (path) => path && Buffer.byteLength(join(path, `${folderPrefix}XXXXXX`, 's')) < maxSocketPath,
  ) ?? '/tmp';
