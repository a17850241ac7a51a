import * as vscode from 'vscode';
import type { KeyPair } from '../../ssh/keys/keyPair.ts';
import { copyText } from '../clipboard.ts';
import { openSettings } from '../failures.ts';
import { message } from '../message.ts';
import type { Parts } from '../parts.ts';
import { settings } from '../settings.ts';

export async function copyPublicSshKey({ ssh }: Parts): Promise<void> {
  await copyPublic(await (await ssh.integration()).keyPair());
}

const copyPublic = ({ publicKey, fingerprint }: KeyPair) =>
  copyText(publicKey, `the public SSH key ${fingerprint}`);

/** Replaces the pair that is ours; one of the user's own is theirs to replace. */
export async function rotateSshKeys({ ssh }: Parts): Promise<void> {
  const named = settings.sshIdentityFile();
  if (named !== '') return tellWhoseKey(named);
  const detail =
    'A new pair is made, and the old one is deleted. Services that know the old public key do not let you in with the ' +
    'new one until it has been given to them.';
  const question = 'Rotate the SSH keys of Sandbox Explorer?';
  const chosen = await vscode.window.showWarningMessage(question, { modal: true, detail }, 'Rotate');
  if (chosen !== 'Rotate') return;
  const pair = await (await ssh.integration()).rotateKeyPair();
  const button = 'Copy Public Key';
  void vscode.window
    .showInformationMessage(`The SSH keys are new: ${pair.fingerprint}.`, button)
    .then((answer) => (answer === button ? copyPublic(pair) : undefined));
}

function tellWhoseKey(file: string): void {
  const button = 'Open Settings';
  const told = `Nothing is rotated: ${message(file)} is a key of your own, which Sandbox Explorer never changes.`;
  void vscode.window
    .showInformationMessage(told, button)
    .then((answer) => (answer === button ? openSettings('sandboxExplorer.ssh.identityFile') : undefined));
}
