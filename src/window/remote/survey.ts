import type { Sandbox } from '../../sandboxes/sandbox.ts';
import type { Survey } from '../../ssh/config/survey.ts';
import type { Parts } from '../parts.ts';
import { waitFor } from '../progress.ts';

/** Begins to look at the user's SSH configs for a sandbox's host: the one that it has, or the one that it will get. */
export async function surveyOf({ fleet, ssh }: Parts, sandbox: Sandbox): Promise<Survey> {
  const { account } = fleet.account(sandbox.accountId);
  const integration = await ssh.integration();
  return await readingConfig(integration.survey({ account, sandbox }));
}

/** The survey for the host that a sandbox has got: another one where a name has been taken since it began. */
export const surveyFor = async (
  parts: Parts,
  sandbox: Sandbox,
  host: string,
  survey: Survey,
): Promise<Survey> => (survey.host === host ? survey : await surveyOf(parts, sandbox));

/** Waits for what `ssh` makes of the user's configs, which may run slow programs. */
export const readingConfig = <T>(task: Promise<T>): Promise<T> => waitFor('Reading your SSH config…', task);
