import { interrupted } from './interrupted.mts';
import { isolate } from './isolation.mts';
import { type Run, type SuiteName, type Tally, prepare, suites } from './suites.mts';

/**
 * Runs suites away from the machine's own settings, and counts over all of them.
 * @param lanes at the same time; the suites of a lane one after another
 * @returns the exit code, after the closing line was printed
 */
export async function runSuites(lanes: readonly SuiteName[][], run: Run): Promise<number> {
  await prepare(lanes.flat());
  await using cleanup = new AsyncDisposableStack();
  cleanup.use(await isolate());
  const tallies = await Promise.all(lanes.map((lane) => runLane(lane, run, lanes.length > 1)));
  const failures = tallies.flat().flatMap((tally) => tally.failures);
  for (const failure of failures) console.log(`\nFAILED: ${failure}`);
  const sum = (part: 'passed' | 'failed') => tallies.flat().reduce((total, tally) => total + tally[part], 0);
  console.log(`\n${sum('passed')} passed, ${sum('failed')} failed`);
  return sum('failed') === 0 ? 0 : 1;
}

/** @param labelled whether each line of the output says which suite it is of */
async function runLane(lane: readonly SuiteName[], run: Run, labelled: boolean): Promise<Tally[]> {
  const tallies: Tally[] = [];
  for (const name of lane) {
    if (interrupted.aborted) break;
    const print = (line: string) => console.log(`${name.padEnd(8)} | ${line}`);
    tallies.push(await runSuite(name, labelled ? { ...run, print } : run));
  }
  return tallies;
}

async function runSuite(name: SuiteName, run: Run): Promise<Tally> {
  const start = performance.now();
  console.log(`=== ${name} ===`);
  const tally = await suites[name](run).catch(crashed);
  const { passed, failed } = tally;
  const seconds = Math.round((performance.now() - start) / 1000);
  console.log(`=== ${name}: ${passed} passed, ${failed} failed in ${seconds} s ===`);
  if (passed + failed > 0) return tally;
  return { passed, failed: 1, failures: [`${name} ran no test`] };
}

function crashed(error: unknown): Tally {
  return { passed: 0, failed: 1, failures: [error instanceof Error ? error.message : String(error)] };
}
