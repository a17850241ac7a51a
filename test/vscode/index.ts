// Runs in the extension host: loads the test files that were bundled beside this one into Mocha.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import Mocha from 'mocha';

const first = 'activation.test.js';

export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 60_000, reporter: 'spec', color: false });
  const files = readdirSync(__dirname).filter((file) => file.endsWith('.test.js'));
  // What activation does shows only before anything else was done.
  for (const file of new Set([...files.filter((name) => name === first), ...files.toSorted()])) {
    mocha.addFile(join(__dirname, file));
  }
  // The lines with @@ are for test/tools, which shows the rest and counts.
  console.log('@@begin');
  await new Promise<void>((resolve) => {
    let passed = 0;
    const failures: string[] = [];
    const runner = mocha.run((failed) => {
      console.log(`@@summary ${JSON.stringify({ passed, failed, failures })}`);
      resolve();
    });
    runner.on('pass', () => passed++);
    runner.on('fail', (test, error: Error) => failures.push(`${test.fullTitle()}\n${error.stack}`));
  });
}
