// Vitest runs this before suites that use the programs in dist/.
import { quietly } from './run.mts';

export async function setup(): Promise<void> {
  await quietly('node', ['src/build.mts']);
}
