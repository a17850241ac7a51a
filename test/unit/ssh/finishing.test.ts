import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';

const script = `
  import { finished, toTheEnd } from ${JSON.stringify(resolve('src/ssh/proxy/finishing.ts'))};
  void toTheEnd(async () => {
    console.log('begun');
    await new Promise((done) => setTimeout(done, 500));
    console.log('written');
  });
  process.stdin.on('close', () => finished().then(() => process.exit())).resume();`;

it.each(['SIGHUP', 'SIGINT', 'SIGTERM'] as const)('%s ends no renewal that has begun', async (signal) => {
  const quiet = '--disable-warning=MODULE_TYPELESS_PACKAGE_JSON';
  const child = spawn(process.execPath, [quiet, '--input-type=module-typescript', '-e', script]);
  const all = text(child.stdout);
  await once(child.stdout, 'data');
  child.kill(signal);
  child.stdin.end();
  await once(child, 'exit');
  expect(await all).toBe('begun\nwritten\n');
});
