import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gatewayName, isPinned, pin, pinnedTypes, trustKey } from '../../../src/ssh/knownHosts.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandbox-explorer-known-'));
  file = join(folder, 'known_hosts');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A key as it goes over the wire. */
function key(fill: string, type = 'ssh-ed25519'): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return Buffer.concat([length, Buffer.from(type), Buffer.from(fill)]);
}
const line = (name: string, of: Buffer, type = 'ssh-ed25519') => `${name} ${type} ${of.toString('base64')}`;
const gateway = gatewayName('Gateway.example', 2222);

describe('a server', () => {
  it('is new until its key is pinned, and known from then on', async () => {
    expect(isPinned(file, gateway, key('one'))).toBe(false);
    await pin(file, gateway, key('one'));
    expect(isPinned(file, gateway, key('one'))).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe(`${line('[gateway.example]:2222', key('one'))}\n`);
  });

  it('with another key is refused, with the lines to remove', async () => {
    writeFileSync(
      file,
      `# ours\n\n${line(gateway, key('one'))}\n${line(gateway, key('two', 'ssh-rsa'), 'ssh-rsa')}\n`,
    );
    expect(pinnedTypes(file, gateway)).toEqual(['ssh-ed25519', 'ssh-rsa']);
    const refusal = { kind: 'forbidden', advice: expect.stringContaining(`remove line 3, 4 of ${file}`) };
    expect(() => isPinned(file, gateway, key('three'))).toThrow(expect.objectContaining(refusal));
    await expect(pin(file, gateway, key('three'))).rejects.toMatchObject(refusal);
  });

  it('is told from another port, and from a host of ours with the same name', async () => {
    await pin(file, gateway, key('one'));
    expect(isPinned(file, gatewayName('gateway.example', 22), key('two'))).toBe(false);
    await trustKey(file, 'gateway.example', key('own'));
    expect(isPinned(file, gateway, key('one'))).toBe(true);
  });

  it('is found among the names of a line, and not in a comment', () => {
    writeFileSync(
      file,
      `#${gateway} ssh-ed25519 AAAA\nother,${gateway} ssh-ed25519 ${key('one').toString('base64')} comment`,
    );
    expect(isPinned(file, gateway, key('one'))).toBe(true);
  });

  it('cannot write lines of its own by the type of its key', async () => {
    await expect(pin(file, gateway, key('one', 'ssh-x\nevil ssh-ed25519'))).rejects.toMatchObject({
      kind: 'protocol',
    });
  });

  it('is pinned without losing what others pin at the same time', async () => {
    writeFileSync(file, '# kept, without an end of line');
    await Promise.all(
      Array.from({ length: 12 }, (_, nth) => pin(file, gatewayName('g', nth), key(String(nth)))),
    );
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(lines[0]).toBe('# kept, without an end of line');
    expect(lines.slice(1).toSorted()).toEqual(
      Array.from({ length: 12 }, (_, nth) => line(`[g]:${nth}`, key(String(nth)))).toSorted(),
    );
  });
});

it('a key of our own takes the place of an older one, and of nothing else', async () => {
  await pin(file, gateway, key('one'));
  await trustKey(file, 'sbx-box', key('old'));
  await trustKey(file, 'sbx-other', key('old'));
  await trustKey(file, 'sbx-box', key('new'));
  await trustKey(file, 'sbx-box', key('new'));
  expect(readFileSync(file, 'utf8').trimEnd().split('\n')).toEqual([
    line('[gateway.example]:2222', key('one')),
    line('sbx-other', key('old')),
    line('sbx-box', key('new')),
  ]);
});
