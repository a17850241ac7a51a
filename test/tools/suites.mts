import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCodeServer } from './codeServer.mts';
import { installMissing } from './install.mts';
import { show } from './run.mts';
import { runInVsCode, vscodeTests } from './vscodeSuite.mts';

export interface Tally {
  passed: number;
  failed: number;
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
  let failed = 0;
  for (const [tool, ...args] of commands) {
    if ((await show(tool, args)) !== 0) failed = 1;
  }
  return { passed: 1 - failed, failed };
}

interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

async function vitest(project: string, filters: string[]): Promise<Tally> {
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-explorer-report-'));
  const file = join(folder, 'report.json');
  const options = ['--config', 'test/vitest.config.mts', '--project', project];
  const reporters = ['--reporter', 'default', '--reporter', 'json', '--outputFile.json', file];
  try {
    const code = await show('vitest', ['run', ...options, ...reporters, ...filters]);
    const report: VitestReport = JSON.parse(await readFile(file, 'utf8'));
    const failed = report.numFailedTests + filesThatFailed(report);
    return { passed: report.numPassedTests, failed: code === 0 ? failed : Math.max(1, failed) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Test files that failed without a test of theirs failing: they could not be loaded, or set up. */
function filesThatFailed({ testResults }: VitestReport): number {
  const hasFailedTest = ({ assertionResults }: VitestReport['testResults'][number]) =>
    assertionResults.some(({ status }) => status === 'failed');
  return testResults.filter((result) => result.status === 'failed' && !hasFailedTest(result)).length;
}
