import { afterAll } from 'vitest';
import { EngineHost } from './engineHost.ts';

/** One for all tests of a file. */
export async function sharedEngineHost(): Promise<EngineHost> {
  const there = await EngineHost.make();
  afterAll(() => there.dispose());
  return there;
}
