// Drives a built copy of Leap0's JavaScript SDK, in the folder named on the command line, against a real engine.
import { join, resolve } from 'node:path';
import { runWithFile } from './runWithFile.mts';

const [folder] = process.argv.slice(2);
await runWithFile('sdk', {
  file: folder === undefined ? undefined : join(resolve(folder), 'dist/index.js'),
  variable: 'LEAP0_SDK',
  hint: 'the folder of a built copy of leap0-dev/leap0-js, as in `npm run test:sdk -- ../leap0-js`',
});
