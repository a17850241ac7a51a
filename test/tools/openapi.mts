// Holds the client's requests, and the engine's answers, against the OpenAPI document named on the command line.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { getPrism } from './prism.mts';
import { runSuites } from './runSuites.mts';

const [document] = process.argv.slice(2);
if (document === undefined || !existsSync(document)) {
  const why = document === undefined ? '' : `There is no file ${document}. `;
  console.log(
    `${why}Skipped: name a file with Leap0's OpenAPI document, as in \`npm run test:openapi -- openapi.yaml\`.`,
  );
  console.log('\n0 passed, 0 failed, skipped');
  process.exit();
}
process.env['OPENAPI_DOCUMENT'] = resolve(document);
await getPrism();
process.exit(await runSuites([['openapi']], { filters: [], scope: 'both' }));
