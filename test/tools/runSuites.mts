import { interrupted } from './interrupted.mts';
import { isolate } from './isolation.mts';
import { type Run, type SuiteName, type Tally, prepare, suites } from './suites.mts';

/**
 * Runs suites away from the machine's own settings, and counts over all of them.
 * @param rows one after another; the suites of a row at the same time
 * @returns the exit code, after the closing line was printed
 */
export async function runSuites(rows: readonly SuiteName[][], run: Run): Promise<number> {
  await prepare(rows.flat());
  await using cleanup = new AsyncDisposableStack();
  cleanup.use(await isolate());
  const total: Tally = { passed: 0, failed: 0, failures: [] };
  for (const row of rows) {
    if (interrupted.aborted) break;
    for (const { passed, failed, failures } of await Promise.all(row.map((name) => one(name, row, run)))) {
      total.passed += passed;
      total.failed += failed;
      total.failures.push(...failures);
    }
  }
  for (const failure of total.failures) console.log(`\nFAILED: ${failure}`);
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0 ? 0 : 1;
}

/** Says which suite a line is of while several run. */
const labelled = (name: string) => (line: string) => console.log(`${name.padEnd(8)} | ${line}`);

async function one(name: SuiteName, row: readonly SuiteName[], run: Run): Promise<Tally> {
  const start = performance.now();
  console.log(`=== ${name} begins ===`);
  const print = row.length > 1 ? { print: labelled(name) } : {};
  const tally = await suites[name]({ ...run, ...print }).catch(crashed);
  const { passed, failed } = tally;
  const seconds = Math.round((performance.now() - start) / 1000);
  console.log(`=== ${name}: ${passed} passed, ${failed} failed in ${seconds} s ===`);
  if (passed + failed > 0) return tally;
  return { passed, failed: 1, failures: [`${name} ran no test`] };
}

function crashed(error: unknown): Tally {
  return { passed: 0, failed: 1, failures: [error instanceof Error ? error.message : String(error)] };
}
