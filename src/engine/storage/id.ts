import { randomBytes } from 'node:crypto';

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
const length = 12;

export const idPattern = (prefix: string) => new RegExp(`^${prefix}-[${alphabet}]{${length}}$`);

/** A new ID, such as `sbx-k3jq7c2mw5ha`: 60 random bits. */
export function newId(prefix: string): string {
  const letters = Array.from(randomBytes(length), (byte) => alphabet[byte % alphabet.length]);
  return `${prefix}-${letters.join('')}`;
}
