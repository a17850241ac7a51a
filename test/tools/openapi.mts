// Holds the client's requests, and the engine's answers, against the OpenAPI document named on the command line.
import { resolve } from 'node:path';
import { getPrism } from './prism.mts';
import { runWithFile } from './runWithFile.mts';

const [document] = process.argv.slice(2);
await runWithFile('openapi', {
  file: document === undefined ? undefined : resolve(document),
  variable: 'OPENAPI_DOCUMENT',
  hint: "a file with Leap0's OpenAPI document, as in `npm run test:openapi -- openapi.yaml`",
  prepare: getPrism,
});
