import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './paths.mts';
import type { Profile } from './profile.mts';

/** Puts the stand-in for Remote-SSH into a profile that no VS Code has used yet: the first one finds it there. */
export async function installResolver({ extensions }: Profile): Promise<void> {
  await cp(join(root, 'test/tools/resolver'), join(extensions, 'test.resolver-0.0.1'), { recursive: true });
}
