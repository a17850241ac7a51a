import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import * as v from 'valibot';
import { ProviderError } from '../sandboxes/errors.ts';
import { accessFile, type SshFolder } from './folder.ts';

const access = v.object({
  accessId: v.string(),
  user: v.string(),
  password: v.string(),
  host: v.string(),
  port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)),
  /** Milliseconds since 1970; missing where it does not expire. */
  expiresAt: v.optional(v.number()),
  /** The service's own text, which was read and understood: it names a user, an address and a port, and no more. */
  command: v.optional(v.string(), ''),
});

const hostRecord = v.object({
  account: v.object({ id: v.string(), name: v.string() }),
  sandbox: v.object({ id: v.string(), name: v.string() }),
  /** Only for the local engine's sandboxes: where it keeps them. */
  dataFolder: v.optional(v.string()),
  /** Of any other service, its address. */
  service: v.optional(v.string()),
  /** Missing until there are credentials for the first time. */
  access: v.optional(access),
  /**
   * Milliseconds since 1970: since when a set that is ours is being replaced. Who finds it there follows somebody who was
   * killed, or heard no answer: then the service's set is ours, although nobody knows its password.
   */
  replacing: v.optional(v.number()),
});

export type KeptAccess = v.InferOutput<typeof access>;
/** What `access/HOST.json` holds: which sandbox a host is, and how to get in. */
export type HostRecord = v.InferOutput<typeof hostRecord>;

/** Milliseconds: what expires sooner than this is renewed first, so that it does not expire on its way. */
const renewalMarginMs = 2 * 60_000;
/** Milliseconds that the renewal of a host may take: its sandbox may have to start for it. */
export const renewalPatienceMs = 150_000;

/**
 * Reads what is known of a host.
 * @throws ProviderError `notFound` when it is none of ours, `protocol` when the file is damaged.
 */
export function readHost(folder: SshFolder, host: string): HostRecord {
  const file = accessFile(folder, host);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw unknownHost(host, cause);
  }
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), hostRecord), text);
  if (result.success) return result.output;
  throw new ProviderError('protocol', `The file ${file} is damaged.`, {
    advice: 'Delete it, and open the sandbox from the Sandbox Explorer view again.',
  });
}

export const unknownHost = (host: string, cause?: unknown): ProviderError =>
  new ProviderError('notFound', `Sandbox Explorer knows no host ${host}.`, {
    advice: 'Open the sandbox from the Sandbox Explorer view again.',
    cause,
  });

export async function writeHost(folder: SshFolder, host: string, record: HostRecord): Promise<void> {
  const file = accessFile(folder, host);
  const { writeOwn } = await import('./ownFiles.ts');
  await writeOwn(file, `${JSON.stringify(v.parse(hostRecord, record), undefined, 2)}\n`);
}

/**
 * Says which sandbox a host is, and keeps its credentials when it was this one before. Never call it while the same
 * host is being renewed by this process: it waits for that.
 */
export async function describeHost(
  folder: SshFolder,
  host: string,
  described: Pick<HostRecord, 'account' | 'sandbox' | 'dataFolder' | 'service'>,
): Promise<void> {
  const file = accessFile(folder, host);
  const { locked } = await import('./ownFiles.ts');
  await locked(file, renewalPatienceMs, async () => {
    const known = existsSync(file) ? readHost(folder, host) : undefined;
    const isSame = known?.account.id === described.account.id && known.sandbox.id === described.sandbox.id;
    const { access: keptAccess, replacing } = isSame ? known : {};
    await writeHost(folder, host, {
      ...described,
      ...(keptAccess && { access: keptAccess }),
      ...(replacing !== undefined && { replacing }),
    });
  });
}

/** Whether credentials will last until a connection stands. */
export const isFresh = (kept: KeptAccess): boolean =>
  (kept.expiresAt ?? Infinity) - Date.now() > renewalMarginMs;

/** Tells credentials from others without telling the password. */
export function fingerprint(kept: KeptAccess | undefined): string {
  const { user, password, host, port } = kept ?? {};
  return createHash('sha256')
    .update(JSON.stringify([user, password, host, port]))
    .digest('base64url');
}
