// Drives a built copy of Leap0's JavaScript SDK, in the folder named on the command line, against a real engine.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { testWith } from './suites.mts';

const [folder] = process.argv.slice(2);
const entry = folder === undefined ? undefined : join(resolve(folder), 'dist/index.js');
if (entry === undefined || !existsSync(entry)) {
  const why = entry === undefined ? '' : `There is no file ${entry}. `;
  console.log(
    `${why}Skipped: name the folder of a built copy of leap0-dev/leap0-js, as in \`npm run test:sdk -- ../leap0-js\`.`,
  );
  console.log('\n0 passed, 0 failed, skipped');
  process.exit();
}
process.env['LEAP0_SDK'] = entry;
const { passed, failed } = await testWith('sdk', []);
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
