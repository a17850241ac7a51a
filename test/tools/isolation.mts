// Keeps the tests away from the machine that they run on: its user's home, settings, agents, proxies and editors.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { ordinaryUser } from './ordinaryUser.mts';

/** What a run needs to know of where it is, and what may choose how much it does. */
const kept = /^(PATH|TERM|TMPDIR|CI|CHROMIUM|ENGINE_KILLS|OPENAPI_DOCUMENT|LEAP0_SDK|npm_.*)$/;

/** Debian's name for the folder of the system's libraries. */
const triplet = `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`;

/** Answers for the system's list of users; `ssh` and Node.js ask that, and not HOME, for the home folder. */
export const nssWrapper = `/usr/lib/${triplet}/libnss_wrapper.so`;

/**
 * Gives everything that is started from now on an empty home and an environment that says nothing of this machine.
 * To be called once, after what has to be downloaded is there: proxies are forgotten, too.
 */
export async function isolate(): Promise<AsyncDisposable> {
  // Made now if it is root who runs this, so that the list below has it.
  ordinaryUser();
  const home = await mkdtemp(join(tmpdir(), 'sandbox-explorer-home-'));
  // Root's engine runs as another user, who is looked up in the list, too.
  await chmod(home, 0o755);
  for (const name of Object.keys(process.env)) if (!kept.test(name)) delete process.env[name];
  Object.assign(process.env, {
    LANG: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    ...homeEnvironment(home, join(home, 'passwd')),
  });
  return { [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }) };
}

/**
 * The variables of a process whose home is this folder, also for programs that ask the system.
 * @param home the folder @param passwd a file to write the list of users to @param name whose home it is
 */
export function homeEnvironment(
  home: string,
  passwd: string,
  name = userInfo().username,
): Record<string, string> {
  if (!existsSync(nssWrapper))
    throw new Error(`${nssWrapper} is missing; Debian's package is libnss-wrapper`);
  const others = readFileSync('/etc/passwd', 'utf8').split('\n');
  const own = others.find((line) => line.startsWith(`${name}:`));
  const { uid, gid } = userInfo();
  const [, , id = uid, group = gid] = own?.split(':') ?? [];
  const lines = [`${name}:x:${id}:${group}::${home}:/bin/bash`, ...others.filter((line) => line !== own)];
  writeFileSync(passwd, lines.join('\n'), { mode: 0o644 });
  return { HOME: home, LD_PRELOAD: nssWrapper, NSS_WRAPPER_PASSWD: passwd, NSS_WRAPPER_GROUP: '/etc/group' };
}
