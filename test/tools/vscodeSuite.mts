import { EventEmitter, once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { format } from 'node:util';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import { launchChromium } from './chromium.mts';
import { startEditor } from './editorServer.mts';
import { interrupted } from './interrupted.mts';
import { cache, root } from './paths.mts';
import { installResolver } from './resolver.mts';
import { type Profile, isolation, removeProfile, temporaryProfile } from './profile.mts';
import { type Print, quietly } from './run.mts';
import type { Tally } from './suites.mts';

const patience = 10 * 60_000;

export interface Outcome extends Tally {
  /** What the tests measured, by name. */
  measured: Record<string, number>;
}

/** The suite's files whose names contain one of the filters, or all. */
export async function vscodeTests(filters: readonly string[]): Promise<string[]> {
  const files = (await readdir(join(root, 'test/vscode'))).filter((file) => file.endsWith('.test.ts'));
  const chosen = files.filter((file) => filters.length === 0 || filters.some((part) => file.includes(part)));
  return chosen.map((file) => join('test/vscode', file));
}

/** Runs Mocha inside the extension host of a real VS Code, with the extension loaded from this folder. */
export async function runInVsCode(files: string[], print: Print = console.error): Promise<Outcome> {
  await quietly('node', ['src/build.mts']);
  await using cleanup = new AsyncDisposableStack();
  const tests = await mkdtemp(join(cache, 'tests-'));
  cleanup.defer(() => rm(tests, { recursive: true }));
  await bundleTests(tests, files);

  const profile = await temporaryProfile();
  cleanup.defer(() => removeProfile(profile));
  await installResolver(profile);
  const server = await startEditor(profile, { testDriver: true, env: isolation(profile) });
  cleanup.defer(() => server.stop());
  const browser = await launchChromium();
  cleanup.defer(() => browser.close());

  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const { outcome } = await followTests(page, print);
  await page.goto(testAddress(server.origin, profile, tests));
  const ended = AbortSignal.any([AbortSignal.timeout(patience), interrupted]);
  return await Promise.race([outcome, rejectOn(ended)]);
}

/** Every test file becomes a bundle beside that of the entry, which loads them all. */
async function bundleTests(outdir: string, files: string[]): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: ['test/vscode/index.ts', ...files],
    entryNames: '[name]',
    outdir,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    external: ['vscode'],
    packages: 'external',
    logLevel: 'warning',
  });
}

function testAddress(origin: string, profile: Profile, tests: string): string {
  const remote = (path: string) => `vscode-remote://${origin}${path}`;
  const payload = [
    ['extensionDevelopmentPath', remote(root)],
    ['extensionTestsPath', remote(join(tests, 'index.js'))],
  ];
  const query = new URLSearchParams({ folder: profile.workspace, payload: JSON.stringify(payload) });
  return `http://${origin}/?${query.toString()}`;
}

/**
 * Prints what the extension host's console says from the first test on; what VS Code says before that matters
 * only when it is all there is.
 */
async function followTests(page: Page, show: Print): Promise<{ outcome: Promise<Outcome> }> {
  const before: string[] = [];
  let print = (line: string): void => {
    before.push(line);
  };
  let tally: Tally | undefined;
  const measured: Record<string, number> = {};
  await page.exposeFunction('codeAutomationLog', (_type: string, args: unknown[]) => {
    const line = format(...args);
    const [, word, json = ''] = /^@@(begin|summary|measured) ?(.*)$/.exec(line) ?? [];
    if (word === 'begin') print = show;
    else if (word === 'summary') tally = JSON.parse(json);
    else if (word === 'measured') Object.assign(measured, JSON.parse(json));
    else print(line);
  });
  const end = new EventEmitter();
  await page.exposeFunction('codeAutomationExit', (code: number) => end.emit('exit', code));
  const outcome = once(end, 'exit').then(([code]) => {
    if (tally) return { ...tally, measured };
    throw new Error(`${before.join('\n')}\nThe extension host ended with ${code} before its tests did`);
  });
  return { outcome };
}

async function rejectOn(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort');
  throw signal.reason;
}
