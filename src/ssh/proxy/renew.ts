import { existsSync } from 'node:fs';
import { openLocal } from '../../providers/local/open.ts';
import { ProviderError } from '../../sandboxes/errors.ts';
import type { SshAccess } from '../../sandboxes/provider.ts';
import type { SshFolder } from '../folder.ts';
import { fingerprint, readHost, type HostRecord, type KeptAccess } from '../hostRecord.ts';
import { installations } from '../installation.ts';
import { askWindow } from '../renewal/client.ts';
import { renewAccess } from '../renewal/renewAccess.ts';
import { type Claim, renewOnce } from '../renewal/renewOnce.ts';
import { toTheEnd } from './finishing.ts';

/** Milliseconds for each call to the engine. */
const callMs = 60_000;
const timeouts = () => ({ callMs, createMs: callMs });
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/**
 * Gets fresh credentials: from a window that is open or, for a sandbox of the local engine, from the engine itself,
 * which needs no window.
 * @param why What is wrong with the ones there are, for a person.
 * @throws ProviderError that says what the person can do.
 */
export async function renew(
  folder: SshFolder,
  host: string,
  record: HostRecord,
  why: string,
): Promise<KeptAccess> {
  const seen = fingerprint(record.access);
  const { dataFolder } = record;
  const asked = askWindow(folder, host, seen);
  // What a window cannot do for an engine's sandbox, the engine itself still may.
  if (await (dataFolder === undefined ? asked : asked.catch(() => false))) {
    const { access } = readHost(folder, host);
    if (access) return access;
  }
  if (dataFolder !== undefined) {
    // A new password that is not written down would lock the host, since the old one is no good any more.
    return toTheEnd(() =>
      renewOnce(folder, host, seen, (current, claim) =>
        fromEngine(findEngine(folder), dataFolder, current, claim),
      ),
    );
  }
  throw new ProviderError('unavailable', why, {
    advice: 'Open an editor window with Sandbox Explorer, which renews the SSH access, and try again.',
  });
}

function findEngine(folder: SshFolder): string {
  const program = installations(folder).find(({ engine }) => engine && existsSync(engine))?.engine;
  if (program) return program;
  throw new ProviderError('unavailable', 'The editor that brought the local engine is gone.', {
    advice: 'Open an editor window with Sandbox Explorer, and try again.',
  });
}

async function fromEngine(
  program: string,
  dataFolder: string,
  record: HostRecord,
  claim: Claim,
): Promise<SshAccess> {
  const provider = openLocal({ program, dataFolder, log: silent, hide: () => undefined, timeouts });
  try {
    return await renewAccess(provider.ssh, record, claim);
  } finally {
    provider.dispose();
  }
}
