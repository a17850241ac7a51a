// Runs the suites named first on the command line (all without any), and counts over all of them.
import { interrupted } from './interrupted.mts';
import { type Tally, suites } from './suites.mts';

const args = process.argv.slice(2);
const [only] = args;
const chosen = Object.entries(suites).filter(([name]) => only === undefined || name === only);

const total: Tally = { passed: 0, failed: 0, failures: [] };
for (const [name, suite] of chosen) {
  if (interrupted.aborted) break;
  console.log(`\n=== ${name} ===`);
  const { passed, failed, failures } = await suite(args.slice(1)).catch(crashed);
  const empty = passed + failed === 0;
  total.passed += passed;
  total.failed += empty ? 1 : failed;
  total.failures.push(...(empty ? [`${name} ran no test`] : failures));
  console.log(`=== ${name}: ${passed} passed, ${failed} failed ===`);
}

if (total.passed + total.failed === 0) {
  total.failed = 1;
  total.failures.push(`There is no suite ${only}; there are ${Object.keys(suites).join(', ')}`);
}
for (const failure of total.failures) console.log(`\nFAILED: ${failure}`);
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 ? 0 : 1);

function crashed(error: unknown): Tally {
  return { passed: 0, failed: 1, failures: [error instanceof Error ? error.message : String(error)] };
}
