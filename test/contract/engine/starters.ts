import { statSync } from 'node:fs';
import { describe } from 'vitest';
import { ordinaryUser } from '../../tools/ordinaryUser.mts';
import { isRoot } from './hosts.ts';
import type { StartOptions } from './startEngine.ts';

interface Starter {
  readonly name: string;
  readonly options: () => StartOptions;
}

/** Has an ordinary user start the engine. */
export function asOrdinaryUser(): StartOptions {
  if (!isRoot) return {};
  const { uid, gid } = ordinaryUser();
  // By setpriv, since a spawned process that only changed its user would keep root's other groups.
  const asUser = ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--inh-caps=-all', '--'];
  return { user: { uid, gid }, wrapper: [...withTunnels(), ...asUser] };
}

const ordinary: Starter = { name: 'an ordinary user', options: asOrdinaryUser };

const root: Starter = { name: 'root', options: () => ({ wrapper: withTunnels() }) };

/** How many kinds of user can start an engine here. */
export const starterCount = isRoot ? 2 : 1;

type StarterTests = (options: Starter['options'], name: string) => void;

/**
 * Promises that hold whichever user started the engine. Root's turn repeats the ordinary user's, in the full run only.
 * @param title `%s` in it becomes the user
 */
export function describeForStarters(title: string, tests: StarterTests): void {
  describeFor(ordinary, [], title, tests);
  if (isRoot) describeFor(root, ['full'], title, tests);
}

/** The same for promises that depend on the user's powers: root's turn is in every run, too. */
export function describeForStartersDaily(title: string, tests: StarterTests): void {
  describeFor(ordinary, [], title, tests);
  if (isRoot) describeFor(root, [], title, tests);
}

function describeFor({ name, options }: Starter, tags: string[], title: string, tests: StarterTests): void {
  describe(title.replace('%s', name), { tags }, () => tests(options, name));
}

/** Where only root may open /dev/net/tun, which is everybody's on most systems: gives the engine one of its own. */
function withTunnels(): string[] {
  const device = statSync('/dev/net/tun', { throwIfNoEntry: false });
  if (!device || (device.mode & 0o006) === 0o006) return [];
  const own = 'mount -t tmpfs tmpfs /dev/net && mknod -m 666 /dev/net/tun c 10 200 && exec "$@"';
  return ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', own, 'sh'];
}
