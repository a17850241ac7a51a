import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { namesIn, prepareSshFolder, type SshFolder } from './folder.ts';
import { cmdLauncher, shellLauncher } from './launcher.ts';
import { locked, writeOwn } from './ownFiles.ts';
import { sharedSecret } from './renewal/secret.ts';

/** Milliseconds that other windows may take for the same. */
const patienceMs = 10_000;

/** What is of no use here may be of some on another machine that shares the home, or in a window that is open yet. */
const keptMs = 30 * 86_400_000;

/** @param since Milliseconds since 1970: when it was last put in its place. */
export const isOld = (since: number): boolean => Date.now() - since > keptMs;

const installation = v.object({
  /** A program that can run JavaScript. */
  runtime: v.string(),
  /** The local engine's program, `engine.js`; missing in an editor of another machine. */
  engine: v.optional(v.string()),
});

/** What an editor lends to ssh-proxy. */
export type Installation = v.InferOutput<typeof installation>;

/**
 * Puts a copy of ssh-proxy and its launcher into our folder, since an editor's update deletes the folder that it came
 * from. Each version has a place of its own: one editor's update changes nothing for the hosts of another.
 * @param program Where the extension has its `ssh-proxy.js`.
 * @returns The launcher, for the entries of the editor's hosts.
 */
export async function install(folder: SshFolder, program: string, lent: Installation): Promise<string> {
  prepareSshFolder(folder);
  // Not left to ssh-proxy, which a person may end in the middle of it.
  await sharedSecret(folder.secret);
  return locked(folder.installations, patienceMs, async () => {
    const file = join(folder.installations, `${digest(lent.runtime)}.json`);
    await replace(file, `${JSON.stringify(lent)}\n`);
    utimesSync(file, new Date(), new Date());
    forgetGone(folder);
    const runtimes = installations(folder).map(({ runtime }) => `${runtime}\n`);
    await replace(join(folder.bin, 'runtimes'), [...new Set(runtimes)].join(''));
    return putProxy(folder, readFileSync(program, 'utf8'));
  });
}

async function putProxy({ bin }: SshFolder, code: string): Promise<string> {
  const isWindows = process.platform === 'win32';
  const script = isWindows ? cmdLauncher : shellLauncher;
  const place = join(bin, digest(script + code));
  const launcher = join(place, isWindows ? 'ssh-proxy.cmd' : 'ssh-proxy');
  mkdirSync(place, { recursive: true, mode: 0o700 });
  // What no host starts is removed some time after it was last put here.
  utimesSync(place, new Date(), new Date());
  await replace(join(place, 'ssh-proxy.js'), code);
  await replace(launcher, script, 0o700);
  return launcher;
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** What the editors of this user lend, the one first that was the latest to be used. */
export const installations = (folder: SshFolder): Installation[] =>
  entries(folder)
    .toSorted((one, other) => other.since - one.since)
    .map(({ lent }) => lent);

function forgetGone(folder: SshFolder): void {
  for (const { file, lent, since } of entries(folder)) {
    if (isOld(since) && !existsSync(lent.runtime)) rmSync(file);
  }
}

function entries(folder: SshFolder): { file: string; lent: Installation; since: number }[] {
  return namesIn(folder.installations)
    .map((name) => join(folder.installations, name))
    .flatMap((file) => {
      try {
        const lent = v.parse(installation, JSON.parse(readFileSync(file, 'utf8')));
        return [{ file, lent, since: statSync(file).mtimeMs }];
      } catch {
        return [];
      }
    });
}

/** Leaves a file alone that is as it should be: `ssh` may be reading it. */
async function replace(file: string, content: string, mode?: number): Promise<void> {
  if (read(file) !== content) await writeOwn(file, content, mode);
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
