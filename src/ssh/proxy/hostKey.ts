import { readFileSync } from 'node:fs';
import type { ParsedKey } from 'ssh2';
import { parseKey } from 'ssh2/lib/protocol/keyParser.js';

const patienceMs = 10_000;

export interface HostKey {
  readonly parsed: ParsedKey;
  /** The public part, as it goes over the wire. */
  readonly blob: Buffer;
}

/** The key of this user's ssh-proxy, which the local `ssh` knows it by. Made at the first use, mode 0600. */
export async function ownHostKey(file: string): Promise<HostKey> {
  const kept = readKey(file);
  if (kept) return kept;
  const { locked } = await import('../ownFiles.ts');
  return locked(file, patienceMs, async () => readKey(file) ?? (await make(file)));
}

/** The key in a file; nothing when there is none that can be read. */
export function readKey(file: string): HostKey | undefined {
  try {
    return parse(readFileSync(file));
  } catch {
    return undefined;
  }
}

async function make(file: string): Promise<HostKey> {
  const [{ newPrivateKey }, { writeOwn }] = await Promise.all([
    import('../../common/sshKey.ts'),
    import('../ownFiles.ts'),
  ]);
  const text = newPrivateKey('ssh-proxy of Sandbox Explorer');
  await writeOwn(file, text);
  return parse(Buffer.from(text));
}

function parse(text: Buffer): HostKey {
  const parsed = parseKey(text);
  if (parsed instanceof Error) throw parsed;
  return { parsed, blob: parsed.getPublicSSH() };
}
