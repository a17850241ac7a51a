import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ProviderError } from '../../../src/sandboxes/errors.ts';
import { sshFolderAt } from '../../../src/ssh/folder.ts';
import { describeHost } from '../../../src/ssh/hostRecord.ts';
import { pin } from '../../../src/ssh/knownHosts.ts';
import { locked, writeOwn } from '../../../src/ssh/ownFiles.ts';
import { sharedSecret } from '../../../src/ssh/renewal/secret.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'own files-'));
});
afterEach(() => rmSync(home, { recursive: true }));

/** What a person reads of a failure. */
async function failureOf(task: Promise<unknown>): Promise<ProviderError> {
  const thrown: unknown = await task.catch((error: unknown) => error);
  if (!(thrown instanceof ProviderError))
    throw new Error('That is no failure for a person', { cause: thrown });
  return thrown;
}

describe('a file of ours', () => {
  it('that another program holds for too long is told as that, and is no conflict over credentials', async () => {
    const file = join(home, 'box.json');
    const failure = await locked(file, 0, () => failureOf(locked(file, 0, async () => undefined)));
    expect(failure).toMatchObject({
      kind: 'unavailable',
      message: `Could not write ${file}: another window, or ssh, has held it for too long.`,
      advice: `Look at ${home}, then try again.`,
    });
  });

  it('that cannot be written is told with its name and what to do', async () => {
    writeFileSync(join(home, 'file'), '');
    const file = join(home, 'file/box.json');
    expect(await failureOf(writeOwn(file, ''))).toMatchObject({
      message: `Could not write ${file}: there is a file where a folder should be.`,
      advice: `Look at ${join(home, 'file')}, then try again.`,
    });
  });

  it('leaves the failure of the task itself as it is', async () => {
    const mine = new Error('mine');
    await expect(locked(join(home, 'file'), 0, () => Promise.reject(mine))).rejects.toBe(mine);
  });

  const folder = () => sshFolderAt(join(home, 'gone'));
  const described = { account: { id: 'x', name: 'X' }, sandbox: { id: 's', name: 'box' } };
  const key = Buffer.from('\0\0\0\x0bssh-ed25519');

  it.each([
    ['about a host', () => describeHost(folder(), 'box', described)],
    ['with the shared secret', () => sharedSecret(folder().secret)],
    ['with the known hosts', () => pin(folder().knownHosts, 'box', key)],
  ])('%s is told so, too', async (_, write) => {
    const { message, advice } = await failureOf(write());
    expect(message).toContain(join(home, 'gone'));
    expect(advice).toContain('then try again');
  });
});
