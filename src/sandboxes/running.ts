import { ProviderError } from './errors.ts';
import type { Fleet } from './fleet.ts';
import type { ExecOptions, Execution } from './provider.ts';
import type { Sandbox } from './sandbox.ts';

/**
 * Runs a command in a sandbox that runs. Its state is read first, since the call would wake one that sleeps.
 * @throws ProviderError `notFound`, `conflict` when it does not run, `invalid` when it takes no commands
 */
export async function runCommand(
  fleet: Fleet,
  { accountId, id, name }: Sandbox,
  command: string,
  options: ExecOptions = {},
): Promise<Execution> {
  const account = fleet.account(accountId);
  const { exec } = await account.provider();
  if (!exec) throw new ProviderError('invalid', `${name} takes no commands.`);
  const confirmed = await account.confirm(id);
  if (!confirmed) throw new ProviderError('notFound', `The sandbox ${name} no longer exists.`);
  if (confirmed.state !== 'running') {
    throw new ProviderError('conflict', `${name} is ${confirmed.state}: only one that runs takes commands.`);
  }
  return exec.run(id, command, options);
}
