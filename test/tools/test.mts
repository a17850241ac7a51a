// The command line of the tests: `test.mts [--full] [SUITE [FILTER …]]`. The last line counts over all suites.
import { runSuites } from './runSuites.mts';
import { type SuiteName, suites } from './suites.mts';

/** Lanes run at the same time, the suites of a lane one after another: what fails fastest first. */
const daily: SuiteName[][] = [
  ['types', 'lint', 'unit', 'contract'],
  ['vscode', 'window'],
];
const full: SuiteName[][] = [['contract'], ['isolation', 'window']];

const args = process.argv.slice(2);
const isFull = args[0] === '--full';
const [only, ...filters] = isFull ? args.slice(1) : args;
if (only !== undefined && !Object.hasOwn(suites, only)) {
  console.error(`There is no suite ${only}; there are ${Object.keys(suites).join(', ')}`);
  process.exit(1);
}
const everything = isFull ? full : daily;
const lanes = only === undefined ? everything : [[only as SuiteName]];
process.exit(await runSuites(lanes, { filters, scope: isFull ? 'full' : 'daily' }));
