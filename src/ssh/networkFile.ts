import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { plainNetwork, type NetworkSettings } from '../net/network.ts';
import type { SshFolder } from './folder.ts';

const patienceMs = 10_000;

/** All of the settings but the environment, which every program has its own of. */
const settings = v.object({
  useProxy: v.boolean(),
  proxy: v.string(),
  noProxy: v.array(v.string()),
  proxyAuthorization: v.optional(v.string()),
  strictSsl: v.boolean(),
  systemCertificates: v.boolean(),
});

/** Leaves the editor's network settings to ssh-proxy. They may hold the password of a proxy. */
export async function writeNetwork(folder: SshFolder, current: NetworkSettings): Promise<void> {
  const text = JSON.stringify(v.parse(settings, current), undefined, 2);
  const { locked, writeOwn } = await import('./ownFiles.ts');
  await locked(folder.network, patienceMs, () => writeOwn(folder.network, `${text}\n`));
}

/** The settings that an editor left, or those of a program that never met one. */
export function readNetwork(folder: SshFolder): NetworkSettings {
  const plain = plainNetwork.settings();
  try {
    const { proxyAuthorization, ...rest } = v.parse(
      settings,
      JSON.parse(readFileSync(folder.network, 'utf8')),
    );
    return { ...rest, proxyAuthorization, env: plain.env };
  } catch {
    return plain;
  }
}
