import { lstatSync, readFileSync } from 'node:fs';
import { utils } from 'ssh2';
import { newPrivateKey } from '../../common/sshKey.ts';
import { writeWhole } from '../../common/wholeFile.ts';

/**
 * Reads the host key, or makes one: ed25519, in OpenSSH's own format, mode 0600. One that was open to others is
 * replaced.
 */
export async function loadOrCreateHostKey(path: string): Promise<string> {
  const kept = readHostKey(path);
  if (kept) return kept;
  const key = newPrivateKey('sandbox-explorer');
  await writeWhole(path, key);
  return key;
}

function readHostKey(path: string): string | undefined {
  try {
    const found = lstatSync(path);
    if (!found.isFile() || found.uid !== process.getuid?.() || (found.mode & 0o077) !== 0) return undefined;
    const key = readFileSync(path, 'utf8');
    return utils.parseKey(key) instanceof Error ? undefined : key;
  } catch {
    return undefined;
  }
}
