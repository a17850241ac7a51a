import { expect, it } from 'vitest';
import { parseKey } from 'ssh2/lib/protocol/keyParser.js';
import { newPrivateKey } from '../../../src/common/sshKey.ts';

it('every new key can be read', () => {
  const keys = Array.from({ length: 2_000 }, () => parseKey(newPrivateKey('a comment')));
  expect(keys.filter((key) => key instanceof Error)).toEqual([]);
});
