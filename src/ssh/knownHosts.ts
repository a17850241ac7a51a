import { readFileSync } from 'node:fs';
import { ProviderError } from '../sandboxes/errors.ts';
import { fileFailure } from './config/failure.ts';

const patienceMs = 10_000;

interface KnownKey {
  /** As in `ssh-ed25519`. */
  readonly type: string;
  readonly base64: string;
  /** From 1. */
  readonly line: number;
}

/** The name of a gateway in `known_hosts`: always in brackets, which none of our own hosts' names has. */
export const gatewayName = (host: string, port: number): string => `[${host.toLowerCase()}]:${port}`;

/** The types of the keys that are pinned for a name: the ones to ask it for. */
export function pinnedTypes(file: string, name: string): string[] {
  return keysOf(read(file), name).map(({ type }) => type);
}

/**
 * Whether this key is the one that the server showed first; false when it never showed one.
 * @param key As it goes over the wire (RFC 4253, section 6.6).
 * @throws ProviderError `forbidden` when the server has shown another key before.
 */
export function isPinned(file: string, name: string, key: Buffer): boolean {
  return isIn(read(file), name, key, file);
}

/**
 * Pins the key of a server that has never shown one, and has proven that it has this one.
 * @throws ProviderError `forbidden` when it has shown another one to somebody else meanwhile.
 */
export function pin(file: string, name: string, key: Buffer): Promise<void> {
  return change(file, (text) =>
    isIn(text, name, key, file) ? linesOf(text) : [...linesOf(text), entry(name, key)],
  );
}

/** Has a key that is known from elsewhere trusted under a name, in place of any other. */
export async function trustKey(file: string, name: string, key: Buffer): Promise<void> {
  const known = keysOf(read(file), name);
  if (known.length === 1 && known[0]?.base64 === key.toString('base64')) return;
  await change(file, (text) => {
    const outdated = new Set(keysOf(text, name).map(({ line }) => line));
    return [...linesOf(text).filter((_, index) => !outdated.has(index + 1)), entry(name, key)];
  });
}

function isIn(text: string, name: string, key: Buffer, file: string): boolean {
  const known = keysOf(text, name);
  if (known.some(({ base64 }) => base64 === key.toString('base64'))) return true;
  if (known.length === 0) return false;
  const lines = known.map(({ line }) => line).join(', ');
  throw new ProviderError('forbidden', 'The server shows another host key than before.', {
    advice:
      'Somebody may be listening in, or the service has a new key. ' +
      `If you know that it has: remove line ${lines} of ${file}, and connect again.`,
  });
}

/** Lines are `NAMES TYPE KEY COMMENT`, as sshd(8) describes them; marked and hashed ones are not of our making. */
function keysOf(text: string, name: string): KnownKey[] {
  return linesOf(text).flatMap((content, index) => {
    const [names = '', type, base64] = content.trim().split(/\s+/);
    const isMeant = !content.startsWith('#') && names.split(',').includes(name);
    return isMeant && type && base64 ? [{ type, base64, line: index + 1 }] : [];
  });
}

const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));

function entry(name: string, key: Buffer): string {
  const length = key.readUInt32BE(0);
  const type = key.toString('latin1', 4, 4 + length);
  // It comes from the server, and must not become two words or a line of its own.
  if (!/^[a-z0-9@.-]{1,64}$/.test(type))
    throw new ProviderError('protocol', 'The host key is not understood.');
  return `${name} ${type} ${key.toString('base64')}`;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw fileFailure(error, `read ${file}`, 'Look at its permissions, then try again.');
  }
}

/** Changes the lines while nobody else does. */
async function change(file: string, edit: (text: string) => readonly string[]): Promise<void> {
  const { locked, writeOwn } = await import('./ownFiles.ts');
  await locked(file, patienceMs, () => {
    const lines = edit(read(file));
    return writeOwn(file, lines.map((line) => `${line}\n`).join(''));
  });
}
