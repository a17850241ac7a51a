import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { lstatSync, readFileSync } from 'node:fs';
import { writeWhole } from '../common/wholeFile.ts';

const tokenBytes = 32;
export const newToken = (): string => randomBytes(tokenBytes).toString('base64url');
const tokenPattern = /^[A-Za-z0-9_-]{43}$/;

/** Reads the token of this data folder, or makes one: base64url of 32 random bytes, one line, mode 0600. */
export async function loadOrCreateToken(path: string): Promise<string> {
  const kept = readToken(path);
  if (kept) return kept;
  const token = newToken();
  await writeWhole(path, `${token}\n`);
  return token;
}

/** The token in the file, unless it is missing, malformed, or was open to others. */
export function readToken(path: string): string | undefined {
  try {
    const found = lstatSync(path);
    if (!found.isFile() || found.uid !== process.getuid?.() || (found.mode & 0o077) !== 0) return undefined;
    const token = readFileSync(path, 'utf8').trim();
    return tokenPattern.test(token) ? token : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a header carries the token, `Bearer ` before it or not, in a time that does not depend on where they differ. */
export function isAuthorized(header: string, token: string): boolean {
  const given = /^(?:Bearer +)?(\S+)$/i.exec(header)?.[1] ?? '';
  return timingSafeEqual(digest(given), digest(token));
}

const digest = (text: string) => createHash('sha256').update(text).digest();
