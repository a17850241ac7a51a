import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sshFolderAt, type SshFolder } from '../../../../src/ssh/folder.ts';
import { namedKeyPair, ourKeyPair, rotateKeyPair } from '../../../../src/ssh/keys/keyPair.ts';

let home: string;
let folder: SshFolder;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ssh keys-'));
  folder = sshFolderAt(join(home, '.ssh/sandbox-explorer'));
});
afterEach(() => rmSync(home, { recursive: true }));

const keygen = (...args: string[]) =>
  execFileSync('ssh-keygen', args, { encoding: 'utf8', stdio: 'pipe' }).trim();
const words = (publicKey: string) => publicKey.split(' ').slice(0, 2);

describe('our own pair', () => {
  it('is one that OpenSSH accepts, and nobody else can read', async () => {
    const { file, publicKey, fingerprint } = await ourKeyPair(folder);
    expect(words(keygen('-y', '-f', file))).toEqual(words(publicKey));
    expect(keygen('-l', '-f', `${file}.pub`)).toMatch(`256 ${fingerprint} sandbox-explorer (ED25519)`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(folder.root).mode & 0o777).toBe(0o700);
  });

  it('is made once, however many ask at once', async () => {
    const pairs = await Promise.all([1, 2, 3].map(() => ourKeyPair(folder)));
    expect(new Set(pairs.map(({ publicKey }) => publicKey)).size).toBe(1);
    expect(await ourKeyPair(folder)).toEqual(pairs[0]);
  });

  it('is another one after it was rotated', async () => {
    const before = await ourKeyPair(folder);
    const after = await rotateKeyPair(folder);
    expect(after.publicKey).not.toBe(before.publicKey);
    expect(await ourKeyPair(folder)).toEqual(after);
    expect(words(keygen('-y', '-f', after.file))).toEqual(words(readFileSync(`${after.file}.pub`, 'utf8')));
  });

  it('gets its public file back', async () => {
    const { file, publicKey } = await ourKeyPair(folder);
    writeFileSync(`${file}.pub`, 'of the key before');
    await ourKeyPair(folder);
    expect(readFileSync(`${file}.pub`, 'utf8')).toBe(`${publicKey}\n`);
  });

  it('is not replaced unasked when somebody has damaged it', async () => {
    const { file } = await ourKeyPair(folder);
    writeFileSync(file, 'no key');
    await expect(ourKeyPair(folder)).rejects.toThrow('has no SSH key that can be used');
    expect(readFileSync(file, 'utf8')).toBe('no key');
    await rotateKeyPair(folder);
    expect(keygen('-y', '-f', file)).toMatch(/^ssh-ed25519 /);
  });
});

describe('a pair that the user has named', () => {
  it.each([
    ['ed25519', ''],
    ['rsa', ''],
    ['ecdsa', 'with a passphrase'],
  ])('may be %s, %s', async (type, passphrase) => {
    const file = join(home, 'id');
    keygen('-q', '-t', type, '-N', passphrase, '-C', 'mine', '-f', file);
    const before = [readFileSync(file), readFileSync(`${file}.pub`)];
    const pair = await namedKeyPair(file);
    expect(pair.publicKey).toBe(readFileSync(`${file}.pub`, 'utf8').trim());
    expect(keygen('-l', '-f', file)).toContain(pair.fingerprint);
    expect([readFileSync(file), readFileSync(`${file}.pub`)]).toEqual(before);
    expect(readdirSync(home)).toEqual(['id', 'id.pub']);
  });

  it('needs no public file', async () => {
    const file = join(home, 'id');
    keygen('-q', '-t', 'ed25519', '-N', '', '-f', file);
    const publicKey = readFileSync(`${file}.pub`, 'utf8');
    rmSync(`${file}.pub`);
    expect(words((await namedKeyPair(file)).publicKey)).toEqual(words(publicKey.trim()));
  });

  it('is refused when there is none', async () => {
    await expect(namedKeyPair(join(home, 'none'))).rejects.toMatchObject({
      kind: 'notFound',
      advice: 'Choose another file.',
    });
    writeFileSync(join(home, 'text'), 'hello');
    await expect(namedKeyPair(join(home, 'text'))).rejects.toMatchObject({ kind: 'invalid' });
    await expect(namedKeyPair(home)).rejects.toThrow('it is a folder');
    keygen('-q', '-t', 'ed25519', '-N', '', '-f', join(home, 'id'));
    await expect(namedKeyPair(join(home, 'id.pub'))).rejects.toThrow('is a public key; name the private one');
  });
});
