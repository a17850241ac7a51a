import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { engineCommand, portFile, readPort } from '../../common/engineSsh.ts';
import { openLocal } from '../../providers/local/open.ts';
import { ProviderError, unlessGone } from '../../sandboxes/errors.ts';
import type { SshAccess, SshAccessApi } from '../../sandboxes/provider.ts';
import type { SshFolder } from '../folder.ts';
import { fingerprint, readHost, renewalPatienceMs, type HostRecord, type KeptAccess } from '../hostRecord.ts';
import { installations } from '../installation.ts';
import type { AccessBook } from '../renewal/accessBook.ts';
import { askWindow } from '../renewal/client.ts';
import { renewAccess } from '../renewal/renewAccess.ts';
import { renewOnce } from '../renewal/renewOnce.ts';
import { toTheEnd } from './finishing.ts';
import { tell } from './tell.ts';

/** Milliseconds for each call to the engine. */
const callMs = 60_000;
const timeouts = () => ({ callMs, createMs: callMs });
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
/** Milliseconds of the patience that windows leave to the engine itself: more than a lock takes whose holder has died. */
const enginesShareMs = 30_000;
/** Milliseconds after which whoever waits is told for what. */
const quietMs = 10_000;

/**
 * Gets fresh credentials: from a window that is open or, for a sandbox of the local engine, from the engine itself,
 * which needs no window.
 * @param why What is wrong with the ones there are, for a person.
 * @throws ProviderError that says what the person can do.
 */
export function renew(folder: SshFolder, host: string, record: HostRecord, why: string): Promise<KeptAccess> {
  return withWord(host, record, async () => {
    const until = performance.now() + renewalPatienceMs;
    const { dataFolder } = record;
    const seen = fingerprint(record.access);
    const windowsShareMs = renewalPatienceMs - (dataFolder === undefined ? 0 : enginesShareMs);
    const asked = askWindow(folder, host, seen, windowsShareMs);
    // What a window cannot do for an engine's sandbox, the engine itself still may.
    if (await (dataFolder === undefined ? asked : asked.catch(() => false))) {
      const { access } = readHost(folder, host);
      if (access) return access;
    }
    if (dataFolder !== undefined) {
      const patienceMs = until - performance.now();
      return askEngine({ folder, host, record, dataFolder, patienceMs }, renewAccess);
    }
    throw new ProviderError('unavailable', why, {
      advice: 'Open an editor window with Sandbox Explorer, which renews the SSH access, and try again.',
    });
  });
}

/**
 * Has the local engine run, and finds where it listens now. Credentials that it still takes stay as they are: the user
 * may have given the password to another program.
 * @throws ProviderError that says what the person can do.
 */
export function findEngine(
  folder: SshFolder,
  host: string,
  record: HostRecord,
  dataFolder: string,
): Promise<KeptAccess> {
  const find = async (api: SshAccessApi, current: HostRecord, book: AccessBook) => {
    const { access, sandbox } = current;
    if (!access || !(await unlessGone(api.validate(sandbox.id, access))))
      return renewAccess(api, current, book);
    const { user, host: address, expiresAt } = access;
    const port = readPort(join(dataFolder, portFile)) ?? access.port;
    return { ...access, port, command: engineCommand(user, address, port), expiresAt };
  };
  const question = { folder, host, record, dataFolder, patienceMs: renewalPatienceMs };
  return withWord(host, record, () => askEngine(question, find));
}

interface Question {
  readonly folder: SshFolder;
  readonly host: string;
  readonly record: HostRecord;
  readonly dataFolder: string;
  /** How long other processes may take that are at the same. */
  readonly patienceMs: number;
}

/** Gets credentials from the engine, which is started when it does not run. */
function askEngine(
  { folder, host, record, dataFolder, patienceMs }: Question,
  ask: (api: SshAccessApi, record: HostRecord, book: AccessBook) => Promise<SshAccess>,
): Promise<KeptAccess> {
  const renewal = async (current: HostRecord, book: AccessBook) => {
    const program = enginesProgram(folder);
    const provider = openLocal({ program, dataFolder, log: silent, hide: () => undefined, timeouts });
    try {
      return await ask(provider.ssh, current, book);
    } finally {
      provider.dispose();
    }
  };
  // A new password that is not written down would lock the host, since the old one is no good any more.
  return toTheEnd(() => renewOnce(folder, host, fingerprint(record.access), renewal, patienceMs));
}

function enginesProgram(folder: SshFolder): string {
  const program = installations(folder).find(({ engine }) => engine && existsSync(engine))?.engine;
  if (program) return program;
  throw new ProviderError('unavailable', 'The editor that brought the local engine is gone.', {
    advice: 'Open an editor window with Sandbox Explorer, and try again.',
  });
}

/** Runs a task, and says for what a person waits when it takes long. */
async function withWord<T>(host: string, { sandbox }: HostRecord, task: () => Promise<T>): Promise<T> {
  const word = () => tell(host, `Still waiting for SSH access to ${sandbox.name}.`);
  const late = setTimeout(word, quietMs);
  try {
    return await task();
  } finally {
    clearTimeout(late);
  }
}
