import type { AccountFleet } from './accountFleet.ts';
import { ProviderError } from './errors.ts';
import type { Sandbox, SandboxState } from './sandbox.ts';

const ways = { paused: 'resume', stopped: 'start' } as const;

/** Whether a sandbox in this state has to be woken before anybody can get into it. */
export const sleeps = (state: SandboxState): state is keyof typeof ways => state in ways;

/**
 * Brings a sandbox to run, by its state as it is now: one that sleeps is woken, one that is on its way is waited for.
 * @throws ProviderError `notFound`, or `conflict` when it does not come to run
 */
export async function wake(
  account: AccountFleet,
  { id, name }: Sandbox,
  signal?: AbortSignal,
): Promise<Sandbox> {
  const present = await account.confirm(id);
  if (!present) throw new ProviderError('notFound', `The sandbox ${name} no longer exists.`);
  if (sleeps(present.state)) await account.change(present.id, ways[present.state], { signal });
  await account.settled(id, signal);
  const woken = account.find(id);
  if (woken?.state === 'running' || woken?.state === 'unknown') return woken;
  throw new ProviderError('conflict', `${name} does not run.`);
}
