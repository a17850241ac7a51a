import * as vscode from 'vscode';
import type { Log } from '../../common/log.ts';
import { findResolver, type Resolver } from './resolver.ts';

const setting = 'remotePlatform';

/** One write after the other, since each begins with what it reads. */
let writing: Promise<void> = Promise.resolve();

/** Tells Remote-SSH what a host runs, which it would ask its user otherwise. */
export function setPlatform(resolver: Resolver, host: string, log: Log): Promise<void> {
  return change(resolver, log, (now) => (now[host] === 'linux' ? now : { ...now, [host]: 'linux' }));
}

/** Takes out what was told of hosts that are no more. */
export async function forgetPlatforms(hosts: readonly string[], log: Log): Promise<void> {
  const resolver = findResolver(vscode.extensions.all);
  if (!resolver) return;
  await change(resolver, log, (now) => {
    const left = Object.entries(now).filter(([host]) => !hosts.includes(host));
    return left.length < Object.keys(now).length ? Object.fromEntries(left) : now;
  });
}

type Platforms = Readonly<Record<string, string>>;

function change(resolver: Resolver, log: Log, edit: (now: Platforms) => Platforms): Promise<void> {
  const before = writing;
  const task = async () => {
    await before;
    await changeNow(resolver, log, edit);
  };
  writing = task();
  return writing;
}

async function changeNow(
  { section, knowsPlatforms }: Resolver,
  log: Log,
  edit: (now: Platforms) => Platforms,
): Promise<void> {
  if (!knowsPlatforms) return;
  const configuration = vscode.workspace.getConfiguration(section);
  const now = configuration.inspect<Platforms>(setting)?.globalValue ?? {};
  const next = edit(now);
  if (next === now) return;
  const value = Object.keys(next).length === 0 ? undefined : next;
  try {
    await configuration.update(setting, value, vscode.ConfigurationTarget.Global);
  } catch (error) {
    // A user whose settings cannot be written is asked by Remote-SSH, and nothing worse.
    log.warn(`${section}.${setting} cannot be written: ${(error as Error).message}`);
  }
}
