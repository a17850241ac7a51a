import { type Browser, chromium } from 'playwright-core';
import { findProgram } from './findProgram.mts';

const names = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'microsoft-edge',
  'microsoft-edge-stable',
];

/** The browser that shows the window: what CHROMIUM names, or the first of the family on the PATH. */
export function findChromium(): string | undefined {
  if (process.env['CHROMIUM']) return process.env['CHROMIUM'];
  return names.map(findProgram).find((path) => path !== undefined);
}

export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath) throw new Error('No Chromium, Chrome or Edge on the PATH; CHROMIUM may name one');
  // What stands in for the system's list of users keeps Chromium from ending, and it has no use for that.
  const { LD_PRELOAD: _, ...env } = process.env;
  return await chromium.launch({
    executablePath,
    env,
    args: [
      // Chromium refuses to run its own sandbox as root, and CI is root; it only ever shows our own page.
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
