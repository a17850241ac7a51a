// Prism holds what is sent and answered against an OpenAPI document. It brings 200 packages, one of which reports
// installs to its makers by a script, so it is no dependency of everybody's: whoever needs it gets it without scripts.
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { installOnce, npm } from './installOnce.mts';
import { cache } from './paths.mts';
import { endGroup, spawnGroup } from './processGroup.mts';
import { step } from './run.mts';

const version = '5.16.0';
const home = join(cache, `prism-${version}`);
const program = join(home, 'node_modules/@stoplight/prism-cli/dist/index.js');

/** Installs Prism unless that was done before. */
export function getPrism(): Promise<void> {
  return installOnce(home, (folder) =>
    step('Getting Prism (once, under a minute)', () =>
      npm(folder, 'install', `@stoplight/prism-cli@${version}`, '--ignore-scripts'),
    ),
  );
}

export interface Prism {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts Prism on a port of its own. What breaks the document is answered with an error, whoever said it.
 * @param upstream the service that answers; without it Prism answers from the document
 */
export async function startPrism(document: string, upstream?: string): Promise<Prism> {
  const mode = upstream ? ['proxy', document, upstream] : ['mock', document];
  const args = [program, ...mode, '--errors', '--port', '0'];
  const child = spawnGroup(process.execPath, args, { ...process.env, NO_COLOR: '1' });
  const { stdout, stderr, pid } = child;
  if (!stdout || !stderr || !pid) throw new Error('Prism does not start');
  const complaint = text(stderr);
  for await (const line of createInterface({ input: stdout })) {
    const [, url] = /listening on (http:\S+)/.exec(line) ?? [];
    if (!url) continue;
    // It goes on writing, and would wait for somebody who reads.
    stdout.resume();
    return { url, stop: () => endGroup(pid) };
  }
  await once(child, 'exit');
  throw new Error(`Prism does not start: ${await complaint}`);
}
