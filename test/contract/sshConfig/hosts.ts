import { join } from 'node:path';
import type { Host } from '../../../src/ssh/config/fragment.ts';
import type { Machine } from './machine.ts';

/** A sandbox of the local engine. */
export const host = (more: Partial<Host> = {}): Host => ({
  key: 'local/sbx-1',
  accountId: 'local',
  account: 'Local',
  sandbox: 'web-1',
  kind: 'proxy',
  ...more,
});

/** Has an editor put hosts; their names. */
export async function putHosts(machine: Machine, hosts: readonly Host[], editor = 'code'): Promise<string[]> {
  const { result, error } = await machine.do('put', { hosts, editor });
  if (!result) throw new Error(error);
  return hosts.map(({ key }) => result.names[key] ?? '');
}

/** What `ssh` reads of an editor. */
export const fragmentOf = (machine: Machine, editor = 'code'): string =>
  join(machine.ours, 'config.d', editor);

/** What every entry settles, as `ssh -G` says it. */
export const settled = {
  user: 'sandbox',
  identitiesonly: 'yes',
  identityagent: 'none',
  pubkeyauthentication: 'false',
  preferredauthentications: 'none',
  forwardagent: 'no',
  forwardx11: 'no',
  permitlocalcommand: 'no',
  proxyusefdpass: 'no',
  canonicalizehostname: 'false',
  requesttty: 'auto',
  clearallforwardings: 'no',
  updatehostkeys: 'false',
  stricthostkeychecking: 'true',
};
