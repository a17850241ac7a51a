import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { ParsedKey } from 'ssh2';
import { parseKey } from 'ssh2/lib/protocol/keyParser.js';
import { newPrivateKey } from '../../common/sshKey.ts';
import { ProviderError } from '../../sandboxes/errors.ts';
import { fileFailure } from '../config/failure.ts';
import { insideFolder, writeOurs } from '../config/ourFolder.ts';
import { readIfThere } from '../config/replaceFile.ts';
import type { SshFolder } from '../folder.ts';

/** A pair of keys with which a person shows a sandbox who they are. */
export interface KeyPair {
  /** The private key, as an `IdentityFile`. */
  readonly file: string;
  /** The public key on one line, as in `authorized_keys`. */
  readonly publicKey: string;
  /** As in `SHA256:…`. */
  readonly fingerprint: string;
}

const comment = 'sandbox-explorer';
const advice =
  'Rotate SSH Keys… makes another one; sandboxExplorer.ssh.identityFile can name one of yours instead.';

/**
 * Our own pair, Ed25519, in files that `ssh` accepts; made at the first use. The user's own keys are never used.
 * @throws ProviderError when it cannot be made, or somebody has damaged it: then it can be rotated.
 */
export async function ourKeyPair(folder: SshFolder): Promise<KeyPair> {
  return await changing(folder, async (file) => {
    const kept = await readIfThere(file);
    return kept ? parse(file, kept) : await make(file);
  });
}

/** Makes a new pair of our own. Services that know the old one have to be told the new one. */
export async function rotateKeyPair(folder: SshFolder): Promise<KeyPair> {
  return await changing(folder, make);
}

/**
 * A pair that the user has named. Its files are only read.
 * @param file The private key; a passphrase is no hindrance when the public key lies beside it.
 * @throws ProviderError `invalid` when there is no key in it.
 */
export async function namedKeyPair(file: string): Promise<KeyPair> {
  try {
    const [privatePart, publicPart] = await Promise.all([readIfThere(file), readIfThere(`${file}.pub`)]);
    if (!privatePart) throw new ProviderError('notFound', `There is no file ${file}.`);
    if (isPublic(privatePart)) {
      throw new ProviderError('invalid', `${file} is a public key; name the private one.`);
    }
    return parse(file, publicPart ?? privatePart);
  } catch (error) {
    throw fileFailure(error, `read the SSH key ${file}`, 'Choose another file.');
  }
}

function isPublic(text: Buffer): boolean {
  const key = firstKey(text);
  return key !== undefined && !(key instanceof Error) && !key.isPrivateKey();
}

async function changing(folder: SshFolder, task: (file: string) => Promise<KeyPair>): Promise<KeyPair> {
  const file = join(folder.root, 'id_ed25519');
  try {
    return await insideFolder(folder, async () => {
      const pair = await task(file);
      // Also after a crash between the two: `ssh` believes the public file without a look at the private one.
      await writeOurs(`${file}.pub`, `${pair.publicKey}\n`);
      return pair;
    });
  } catch (error) {
    throw fileFailure(error, `make an SSH key in ${folder.root}`, advice);
  }
}

async function make(file: string): Promise<KeyPair> {
  const text = newPrivateKey(comment);
  await writeOurs(file, text);
  return parse(file, Buffer.from(text));
}

function parse(file: string, text: Buffer): KeyPair {
  const key = firstKey(text);
  if (!key || key instanceof Error) {
    throw new ProviderError(
      'invalid',
      `${file} has no SSH key that can be used: ${key?.message ?? 'it is empty'}.`,
    );
  }
  const blob = key.getPublicSSH();
  const digest = createHash('sha256').update(blob).digest('base64').replace(/=+$/, '');
  const publicKey = [key.type, blob.toString('base64'), key.comment].filter(Boolean).join(' ');
  return { file, publicKey, fingerprint: `SHA256:${digest}` };
}

function firstKey(text: Buffer): ParsedKey | Error | undefined {
  const parsed: ParsedKey | Error | readonly ParsedKey[] = parseKey(text);
  return Array.isArray(parsed) ? parsed[0] : parsed;
}
