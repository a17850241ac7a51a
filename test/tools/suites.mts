import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { getCodeServer } from './codeServer.mts';
import { installMissing } from './install.mts';
import { root } from './paths.mts';
import { show } from './run.mts';
import { runInVsCode, vscodeTests } from './vscodeSuite.mts';

export interface Tally {
  passed: number;
  failed: number;
  /** What failed and why, to be told again at the end of a long output. */
  failures: string[];
}

/** A suite runs the test files whose names contain one of the filters, or all. */
export type Suite = (filters: string[]) => Promise<Tally>;

/** In the order of what fails fastest. */
export const suites: Record<string, Suite> = {
  types: () => check(['tsc']),
  lint: () => check(['oxlint'], ['oxfmt', '--check', '.']),
  unit: (filters) => testWith('unit', filters),
  contract: (filters) => testWith('contract', filters),
  vscode: async (filters) => {
    await prepareEditor();
    return await runInVsCode(await vscodeTests(filters));
  },
  window: async (filters) => {
    await prepareEditor();
    return await vitest('window', filters);
  },
};

/** Runs a suite that needs programs of the system. */
export async function testWith(project: string, filters: string[]): Promise<Tally> {
  await installMissing();
  return await vitest(project, filters);
}

async function prepareEditor(): Promise<void> {
  await installMissing();
  await getCodeServer();
}

/** Tools without tests to count: together they are one. */
async function check(...commands: [tool: string, ...args: string[]][]): Promise<Tally> {
  const failures: string[] = [];
  for (const command of commands) {
    const [tool, ...args] = command;
    if ((await show(tool, args)) !== 0) failures.push(command.join(' '));
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

async function vitest(project: string, filters: string[]): Promise<Tally> {
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-explorer-report-'));
  const file = join(folder, 'report.json');
  const options = ['--config', 'test/vitest.config.mts', '--project', project];
  const reporters = ['--reporter', 'default', '--reporter', 'json', '--outputFile.json', file];
  try {
    const code = await show('vitest', ['run', ...options, ...reporters, ...filters]);
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
