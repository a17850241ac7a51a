import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { chooseName } from '../../../src/ssh/config/hostNames.ts';
import { sharedEngineHost } from './sharedEngineHost.ts';

const { host } = await sharedEngineHost();

describe('a shared connection', () => {
  const folders: string[] = [];
  /** Makes a folder whose path has so many bytes. */
  const folder = (bytes: number) => {
    const made = mkdtempSync(join(tmpdir(), 's-'));
    folders.push(made);
    const long = join(made, 'x'.repeat(bytes - made.length - 1));
    mkdirSync(long);
    return long;
  };
  afterAll(() => {
    for (const made of folders) rmSync(made, { recursive: true });
  });

  const share = async (path: string, sharing = 'auto') => {
    const options = [
      '-o',
      `ControlMaster=${sharing}`,
      '-o',
      `ControlPath=${path}`,
      '-o',
      'ControlPersist=no',
    ];
    const { code, stdout, stderr } = await host.ssh('echo shared', '', { options });
    return { code, stdout: stdout.toString(), stderr };
  };

  it.each([
    ['auto', 90],
    ['no', 107],
  ])('has a socket of as many bytes as we say is the most, with ControlMaster %s', async (sharing, most) => {
    const start = folder(60);
    const socket = (bytes: number) => join(start, 'y'.repeat(bytes - start.length - 1));
    expect(await share(socket(most), sharing)).toEqual({
      code: 0,
      stdout: 'shared\n',
      stderr: '',
    });
    const { code, stderr } = await share(socket(most + 1), sharing);
    expect([code, stderr]).toEqual([255, expect.stringContaining('too long')]);
  });

  it('has room for the longest name of a host in the folder of a user with a long name', async () => {
    const name = chooseName('Acme Europe Production Cloud', 'customer-analytics-and-reports', new Set());
    const masters = join(folder(25), '.ssh/masters');
    mkdirSync(masters, { recursive: true });
    expect(await share(`${masters}/%r@${name}:%p`)).toEqual({ code: 0, stdout: 'shared\n', stderr: '' });
  });
});
