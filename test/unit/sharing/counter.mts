// Counts in a shared file, as often as the first argument says; a crash may be asked for in the middle of one.
import * as v from 'valibot';
import { SharedFile } from '../../../src/sharing/sharedFile.ts';

const [path = '', times = '', end] = process.argv.slice(2);
const file = new SharedFile(path, v.number(), () => undefined);
for (let count = 0; count < Number(times); count++) {
  await file.update((now = 0) => {
    if (end === 'crash') process.kill(process.pid, 'SIGKILL');
    return now + 1;
  });
}
