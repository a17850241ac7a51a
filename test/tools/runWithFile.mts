import { existsSync } from 'node:fs';
import { runSuites } from './runSuites.mts';
import type { SuiteName } from './suites.mts';

interface Subject {
  /** What a suite needs that the project does not have; undefined when it was not named. */
  readonly file: string | undefined;
  /** The environment variable by which the suite gets it. */
  readonly variable: string;
  /** What the file is, with an example, for a person who did not name it. */
  readonly hint: string;
  /** Gets whatever else the suite runs. */
  readonly prepare?: () => Promise<void>;
}

/** Runs a suite on a file that the person names, or says that it is skipped; ends the process. */
export async function runWithFile(
  suite: SuiteName,
  { file, variable, hint, prepare }: Subject,
): Promise<never> {
  if (file === undefined || !existsSync(file)) {
    const why = file === undefined ? '' : `There is no file ${file}. `;
    console.log(`${why}Skipped: name ${hint}.\n\n0 passed, 0 failed, skipped`);
    process.exit();
  }
  process.env[variable] = file;
  await prepare?.();
  process.exit(await runSuites([[suite]], { filters: [], scope: 'both' }));
}
