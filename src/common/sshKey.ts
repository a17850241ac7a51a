import { generateKeyPairSync } from 'ssh2/lib/keygen.js';
import { parseKey } from 'ssh2/lib/protocol/keyParser.js';

/** A new private key, Ed25519, in OpenSSH's own format. */
export function newPrivateKey(comment: string): string {
  // ssh2 leaves out the zeros that a key begins with: one of some 256 keys could be read by nobody.
  for (;;) {
    const text = generateKeyPairSync('ed25519', { comment }).private;
    if (!(parseKey(text) instanceof Error)) return text;
  }
}
