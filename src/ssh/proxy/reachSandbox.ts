import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { hostKeyFile } from '../../common/engineSsh.ts';
import { ProviderError } from '../../sandboxes/errors.ts';
import type { SshFolder } from '../folder.ts';
import { isFresh, readHost, type HostRecord, type KeptAccess } from '../hostRecord.ts';
import { gatewayName, trustKey } from '../knownHosts.ts';
import { readNetwork } from '../networkFile.ts';
import { readKey } from './hostKey.ts';
import { addressOf, connectServer } from './server.ts';
import type { Transport } from './transport.ts';

export interface Reached {
  readonly transport: Transport;
  /** Who is at its other end, for a person. */
  readonly name: string;
}

/**
 * Connects with the sandbox of a host. Credentials that are missing, about to expire or refused are renewed, once.
 * @throws ProviderError with a message for the person who ran `ssh`.
 */
export async function reachSandbox(folder: SshFolder, host: string): Promise<Reached> {
  const record = readHost(folder, host);
  const renewed = async (why: string) => {
    // Most connections need nothing of it, and are quicker without loading it.
    const { renew } = await import('./renew.ts');
    return connect(folder, record, await renew(folder, host, record, why));
  };
  const { name } = record.sandbox;
  if (!record.access) return renewed(`There is no SSH access to ${name} yet.`);
  if (!isFresh(record.access)) return renewed(`The SSH access to ${name} has expired.`);
  try {
    return await connect(folder, record, record.access);
  } catch (thrown) {
    const error = ProviderError.from(thrown);
    if (error.kind === 'unauthorized') return renewed(error.message);
    if (record.dataFolder === undefined) throw error;
    // An engine that does not run can be started; meanwhile another program may listen at the port that it had.
    const { findEngine } = await import('./renew.ts');
    return connect(folder, record, await findEngine(folder, host, record, record.dataFolder));
  }
}

async function connect(folder: SshFolder, record: HostRecord, access: KeptAccess): Promise<Reached> {
  const { dataFolder } = record;
  const [name, pinName] =
    dataFolder === undefined
      ? [addressOf(access), gatewayName(access.host, access.port)]
      : ['The local engine', engineName(dataFolder)];
  if (dataFolder !== undefined) await trustKey(folder.knownHosts, pinName, engineKey(dataFolder));
  const transport = await connectServer({
    name,
    access,
    network: { settings: () => readNetwork(folder), hide: () => undefined },
    knownHosts: folder.knownHosts,
    pinName,
  });
  return { transport, name };
}

/** An engine's port changes, and another program may get its old one: so it is known by its folder. */
const engineName = (dataFolder: string): string =>
  gatewayName(`engine-${createHash('sha256').update(dataFolder).digest('hex').slice(0, 16)}`, 0);

/** It lies in the engine's own folder, so that no stranger at its port can be taken for it, not even the first time. */
function engineKey(dataFolder: string): Buffer {
  const key = readKey(join(dataFolder, hostKeyFile));
  if (key) return key.blob;
  throw new ProviderError('unavailable', 'The local engine has no SSH key that can be read.', {
    advice: `Look at ${dataFolder}, then try again.`,
  });
}
