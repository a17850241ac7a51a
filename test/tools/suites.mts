import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { getCodeServer } from './codeServer.mts';
import { installMissing } from './install.mts';
import { root } from './paths.mts';
import { type Print, show } from './run.mts';
import { runInVsCode, vscodeTests } from './vscodeSuite.mts';

export interface Tally {
  passed: number;
  failed: number;
  /** What failed and why, repeated at the end of a long output. */
  failures: string[];
}

/** Daily tests, those that only repeat what daily ones show (see `tags` in test/vitest.config.mts), or both. */
export type Scope = 'daily' | 'full' | 'both';

export interface Run {
  /** Only test files whose names contain one of these; all of them without any. */
  readonly filters: readonly string[];
  readonly scope: Scope;
  /** Where the output goes; straight to the terminal if missing. */
  readonly print?: Print;
}

export type Suite = (run: Run) => Promise<Tally>;

export type SuiteName =
  | 'types'
  | 'lint'
  | 'unit'
  | 'contract'
  | 'vscode'
  | 'window'
  | 'isolation'
  | 'openapi'
  | 'sdk';

export const suites: Readonly<Record<SuiteName, Suite>> = {
  types: ({ print }) => check(print, ['tsc']),
  lint: ({ print }) => check(print, ['oxlint'], ['oxfmt', '--check', '.']),
  unit: (run) => vitest('unit', run),
  contract: (run) => vitest('contract', run),
  vscode: async ({ filters, print }) => await runInVsCode(await vscodeTests(filters), print),
  window: (run) => vitest('window', run),
  // Its one file repeats parts of the others.
  isolation: (run) => vitest('isolation', { ...run, scope: 'both' }),
  openapi: (run) => vitest('openapi', run),
  sdk: (run) => vitest('sdk', run),
};

/** How many test files of a suite run at once: two keep two processors busy, beside what runs in the other lane. */
const workers: Partial<Record<SuiteName, number>> = { unit: 2, contract: 2, window: 2 };

/** Gets the programs that suites run: of the system, and an editor. */
export async function prepare(names: readonly SuiteName[]): Promise<void> {
  await installMissing();
  if (names.some((name) => ['vscode', 'window', 'isolation'].includes(name))) await getCodeServer();
}

/** Tools without tests to count: together they are one. */
async function check(print: Print | undefined, ...commands: [tool: string, ...args: string[]][]) {
  const failures: string[] = [];
  for (const command of commands) {
    const [tool, ...args] = command;
    if ((await show(tool, args, { print })) !== 0) failures.push(command.join(' '));
  }
  const failed = Math.min(1, failures.length);
  return { passed: 1 - failed, failed, failures };
}

interface VitestReport {
  numPassedTests: number;
  testResults: VitestFile[];
}

interface VitestFile {
  name: string;
  status: string;
  message: string;
  assertionResults: { status: string; fullName: string; failureMessages: string[] }[];
}

async function vitest(project: SuiteName, { filters, scope, print }: Run): Promise<Tally> {
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-explorer-report-'));
  const file = join(folder, 'report.json');
  const options = ['--config', 'test/vitest.config.mts', '--project', project];
  const limit = workers[project];
  if (limit !== undefined) options.push('--maxWorkers', String(limit));
  if (scope !== 'both') options.push('--tags-filter', scope === 'full' ? 'full' : '!full');
  const reporters = ['--reporter', 'default', '--reporter', 'json', '--outputFile.json', file];
  try {
    const code = await show('vitest', ['run', ...options, ...reporters, ...filters], { print });
    const report: VitestReport = JSON.parse(await readFile(file, 'utf8'));
    const failures = report.testResults.flatMap(failuresOf);
    if (code !== 0 && failures.length === 0) {
      failures.push(`${project}: an error outside of any test; see its output above`);
    }
    return { passed: report.numPassedTests, failed: failures.length, failures };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A file's failed tests; or the file itself, when it could not be loaded or set up. */
function failuresOf({ name, status, message, assertionResults }: VitestFile): string[] {
  const file = relative(root, name);
  const tests = assertionResults.filter((test) => test.status === 'failed');
  if (status === 'failed' && tests.length === 0) return [`${file}\n${message}`];
  const why = (messages: string[]) => messages.join('\n').replaceAll(/\n\s+at .*node_modules.*/g, '');
  return tests.map((test) => `${file}: ${test.fullName}\n${why(test.failureMessages)}`);
}
