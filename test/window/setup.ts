import type { TestProject } from 'vitest/node';
import { removeProfile, temporaryProfile } from '../tools/profile.mts';
import { installResolver } from '../tools/resolver.mts';
import { installExtension } from '../tools/vsix.mts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A folder of extensions that holds ours as it is now; windows use it together. */
    extensions: string;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const profile = await temporaryProfile();
  await installResolver(profile);
  await installExtension(profile);
  project.provide('extensions', profile.extensions);
  return () => removeProfile(profile);
}
