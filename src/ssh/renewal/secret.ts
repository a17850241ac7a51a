import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { locked, writeOwn } from '../ownFiles.ts';

const patienceMs = 10_000;
const secretPattern = /^[\w-]{43}$/;

/** What the windows and ssh-proxy of one user share, and others cannot read: base64url of 32 bytes, mode 0600. */
export async function sharedSecret(file: string): Promise<string> {
  return (
    readSecret(file) ?? (await locked(file, patienceMs, async () => readSecret(file) ?? (await make(file))))
  );
}

export const newNonce = (): string => randomBytes(32).toString('base64url');

/**
 * Proves that one knows the secret, in a role, for one exchange and one content: a proof of one role is none of the
 * other, nor for any other exchange.
 */
export function proof(
  secret: string,
  role: 'window' | 'proxy' | 'answer',
  nonces: readonly string[],
  content: readonly string[] = [],
): string {
  return createHmac('sha256', secret)
    .update(JSON.stringify([role, nonces, content]))
    .digest('base64url');
}

export function isSame(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** What they share by now; nothing where that is none. */
export function readSecret(file: string): string | undefined {
  try {
    const text = readFileSync(file, 'utf8').trim();
    return secretPattern.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

async function make(file: string): Promise<string> {
  const secret = randomBytes(32).toString('base64url');
  await writeOwn(file, `${secret}\n`);
  return secret;
}
