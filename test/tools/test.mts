// The command line of the tests: `test.mts [--full] [SUITE [FILTER …]]`. The last line counts over all suites.
import { parseArgs } from 'node:util';
import { runSuites } from './runSuites.mts';
import { type SuiteName, suites } from './suites.mts';

/** One after another; what stands in one row runs at the same time. What fails fastest comes first. */
const daily: SuiteName[][] = [['types', 'lint', 'unit'], ['contract', 'vscode'], ['window']];
const full: SuiteName[][] = [['contract'], ['window']];

const { values, positionals } = parseArgs({
  options: { full: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const [only, ...filters] = positionals;
if (only !== undefined && !Object.hasOwn(suites, only)) {
  console.error(`There is no suite ${only}; there are ${Object.keys(suites).join(', ')}`);
  process.exit(1);
}
const everything = values.full ? full : daily;
const rows = only === undefined ? everything : [[only as SuiteName]];
process.exit(await runSuites(rows, { filters, scope: values.full ? 'full' : 'daily' }));
