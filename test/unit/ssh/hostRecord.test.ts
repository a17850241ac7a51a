import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  accessFile,
  isHostName,
  prepareSshFolder,
  sshFolderAt,
  type SshFolder,
} from '../../../src/ssh/folder.ts';
import { describeHost, isFresh, readHost, writeHost } from '../../../src/ssh/hostRecord.ts';
import { readNetwork, writeNetwork } from '../../../src/ssh/networkFile.ts';
import { plainNetwork } from '../../../src/net/network.ts';

let root: string;
let folder: SshFolder;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sandbox-explorer-hosts-'));
  folder = sshFolderAt(root);
  prepareSshFolder(folder);
});
afterEach(() => rmSync(root, { recursive: true }));

const access = { accessId: 'a', user: 'u', password: 'p', host: 'h', port: 22, command: 'ssh u@h' };
const record = { account: { id: 'x', name: 'X' }, sandbox: { id: 's', name: 'box' } };

describe('the name of a host', () => {
  it.each(['a', 'sbx-1', 'local-my.box_2', 'a'.repeat(100)])('may be %s', (name) => {
    expect(isHostName(name)).toBe(true);
  });

  it.each([
    '',
    '.',
    '..',
    '../x',
    'a/b',
    String.raw`a\b`,
    '-a',
    'a-',
    '.a',
    'a b',
    'A',
    'ä',
    'a\n',
    'a\0',
    '*',
    'a?',
    '!a',
    '%h',
    '~',
    'a:b',
    'a'.repeat(101),
  ])('is never %j', (name) => {
    expect(isHostName(name)).toBe(false);
    expect(() => accessFile(folder, name)).toThrow(expect.objectContaining({ kind: 'invalid' }));
  });
});

describe('the file of a host', () => {
  it('keeps its credentials when the sandbox is described anew', async () => {
    await writeHost(folder, 'box', { ...record, access });
    await describeHost(folder, 'box', { ...record, sandbox: { id: 's', name: 'another name' } });
    expect(readHost(folder, 'box')).toEqual({
      ...record,
      sandbox: { id: 's', name: 'another name' },
      access,
    });
  });

  it('loses them when it is another sandbox now', async () => {
    await writeHost(folder, 'box', { ...record, access });
    await describeHost(folder, 'box', { ...record, sandbox: { id: 't', name: 'box' } });
    expect(readHost(folder, 'box').access).toBeUndefined();
  });

  it('has no lock or other leftover beside it', async () => {
    await describeHost(folder, 'box', record);
    expect(readdirSync(folder.access)).toEqual(['box.json']);
  });

  it.each([
    ['no JSON', '{'],
    ['a port that is none', JSON.stringify({ ...record, access: { ...access, port: 0 } })],
    ['a missing name', JSON.stringify({ ...record, sandbox: { id: 's' } })],
  ])('is called damaged with %s', (_, text) => {
    writeFileSync(accessFile(folder, 'box'), text);
    expect(() => readHost(folder, 'box')).toThrow(expect.objectContaining({ kind: 'protocol' }));
  });
});

it('credentials are fresh until two minutes before they expire', () => {
  expect(isFresh(access)).toBe(true);
  expect(isFresh({ ...access, expiresAt: Date.now() + 121_000 })).toBe(true);
  expect(isFresh({ ...access, expiresAt: Date.now() + 119_000 })).toBe(false);
});

describe('the network settings', () => {
  it('come back as they were written, with the environment of who reads them', async () => {
    const settings = {
      ...plainNetwork.settings(),
      proxy: 'http://u:p@proxy',
      noProxy: ['x'],
      strictSsl: false,
    };
    await writeNetwork(folder, { ...settings, env: { HTTPS_PROXY: 'http://elsewhere' } });
    expect(readNetwork(folder)).toEqual({ ...settings, env: process.env });
  });

  it.each([
    ['missing', undefined],
    ['damaged', '{"proxy": 1}'],
  ])('are those of a plain program when they are %s', (_, text) => {
    if (text !== undefined) writeFileSync(folder.network, text);
    expect(readNetwork(folder)).toEqual(plainNetwork.settings());
  });
});
