import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { answeringAll } from './windows.ts';
import { answerNextWarning, command, toldDuring, withSettings } from './helpers.ts';

const ours = join(homedir(), '.ssh/sandbox-explorer/id_ed25519');
const copied = async () => {
  await vscode.env.clipboard.writeText('');
  await command('copyPublicSshKey');
  return await vscode.env.clipboard.readText();
};
const keygen = (...args: string[]) => execFileSync('ssh-keygen', args, { encoding: 'utf8', stdio: 'pipe' });

describe('the SSH keys', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'keys of mine-'));
  });
  after(async () => {
    rmSync(folder, { recursive: true });
    answerNextWarning('Remove');
    await command('removeSshIntegration');
    equal(existsSync(ours), false, 'the keys go with everything else');
  });

  it('are made when the public one is copied for the first time, and stay', async () => {
    equal(existsSync(ours), false);
    const key = await copied();
    equal(`${key}\n`, readFileSync(`${ours}.pub`, 'utf8'));
    deepEqual(keygen('-y', '-f', ours).split(' ').slice(0, 2), key.split(' ').slice(0, 2));
    equal(await copied(), key);
  });

  it('are rotated only after asking, and what that ends is said before', async () => {
    const before = readFileSync(ours);
    const asked = answerNextWarning('');
    await command('rotateSshKeys');
    match(asked[0]?.detail ?? '', /do not let you in with the new one until it has been given to them/);
    deepEqual(readFileSync(ours), before);
  });

  it('are others once they are rotated, and the new fingerprint is shown with a button that copies', async () => {
    const before = await copied();
    await vscode.env.clipboard.writeText('');
    answerNextWarning('Rotate');
    const told = await answeringAll(['Copy Public Key'], () => command('rotateSshKeys'));
    const fingerprint = keygen('-l', '-f', `${ours}.pub`).split(' ')[1];
    ok(fingerprint);
    equal(told[0]?.message, `The SSH keys are new: ${fingerprint}.`);
    const key = await vscode.env.clipboard.readText();
    notEqual(key, before);
    equal(`${key}\n`, readFileSync(`${ours}.pub`, 'utf8'));
  });

  it('of the user’s own are taken when the setting names them, and are never changed', async () => {
    const file = join(folder, 'id');
    keygen('-q', '-t', 'ed25519', '-N', 'a passphrase', '-C', 'mine', '-f', file);
    const before = [file, `${file}.pub`, ours].map((path) => readFileSync(path, 'utf8'));
    await withSettings({ 'ssh.identityFile': file }, async () => {
      equal(`${await copied()}\n`, before[1]);
      const told = await toldDuring('showInformationMessage', () => command('rotateSshKeys'));
      deepEqual(told, [
        {
          message: `Nothing is rotated: ${file} is a key of your own, which Sandbox Explorer never changes.`,
          detail: undefined,
          buttons: ['Open Settings'],
        },
      ]);
    });
    deepEqual(
      [file, `${file}.pub`, ours].map((path) => readFileSync(path, 'utf8')),
      before,
    );
  });

  it('that the setting names wrongly are refused by the name of the file, with a way to the setting', async () => {
    const file = join(folder, 'no key');
    writeFileSync(file, 'hello');
    const wrong = [
      [file, `${file} has no SSH key that can be used`],
      [join(folder, 'id.pub'), 'is a public key; name the private one.'],
      [join(folder, 'none'), `There is no file ${join(folder, 'none')}.`],
      [folder, `Could not read the SSH key ${folder}: it is a folder.`],
    ] as const;
    for (const [value, reason] of wrong) {
      await withSettings({ 'ssh.identityFile': value }, async () => {
        const [told] = await toldDuring('showErrorMessage', copied);
        ok(told);
        ok(
          told.message.includes(
            'The setting sandboxExplorer.ssh.identityFile names a key that cannot be used: ',
          ),
        );
        ok(told.message.includes(reason), told.message);
        deepEqual(told.buttons, ['Open Settings', 'Show Log']);
      });
    }
  });
});
