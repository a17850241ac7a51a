import type { AccountView } from '../../sandboxes/account.ts';
import type { Sandbox } from '../../sandboxes/sandbox.ts';
import { askLikeness } from '../create/likeness.ts';
import { askForRequest, title, usualRequest, type Wanted } from '../create/steps.ts';
import { isNode } from '../explorer/nodes.ts';
import { showFailure } from '../failures.ts';
import type { Parts } from '../parts.ts';
import { choose } from '../wizard.ts';
import { choiceOf } from './accounts.ts';
import { makeSandbox } from './making.ts';
import { targetOf } from './target.ts';

interface WantedIn extends Wanted {
  readonly accountId: string;
}

/** The questions that stand, and whose row they were called for. */
let asking: { readonly rowOf: string | undefined } | undefined;

export async function createSandbox(parts: Parts, argument: unknown): Promise<Sandbox | undefined> {
  const wish = { rowOf: accountOfRow(argument) };
  // A second click is the same wish, not a second one; one on another account's row is a new one.
  if (asking && asking.rowOf === wish.rowOf) return undefined;
  asking = wish;
  const isWanted = () => asking === wish;
  const wanted = await askFor(parts, argument, isWanted).finally(() => {
    if (isWanted()) asking = undefined;
  });
  return wanted && create(parts, wanted);
}

/** Makes one without a question. */
export async function createWithDefaults(parts: Parts, argument: unknown): Promise<Sandbox | undefined> {
  const accountId = await accountFor(parts, argument);
  if (accountId === undefined) return undefined;
  const { createLimits } = await parts.fleet.account(accountId).provider();
  return create(parts, { accountId, request: usualRequest(createLimits), name: undefined });
}

/** Makes another one of what a sandbox was made of. */
export async function createAgain(parts: Parts, argument: unknown): Promise<Sandbox | undefined> {
  const sandbox = await targetOf(parts, 'createAgain', argument);
  if (!sandbox) return undefined;
  const { accountId } = sandbox;
  const origin = (await parts.memory.originOf(sandbox)) ?? (await askLikeness(parts, sandbox));
  if (!origin) return undefined;
  if ('template' in origin) return create(parts, { accountId, request: origin, name: undefined });
  return makeSandbox(parts, { accountId, origin, name: undefined });
}

const accountOfRow = (argument: unknown): string | undefined =>
  isNode(argument) && argument.kind === 'account' ? argument.view.account.id : undefined;

/** The account of the row, the only one, or the one that the user picks. */
async function accountFor({ accounts, fleet }: Parts, argument: unknown): Promise<string | undefined> {
  const rowOf = accountOfRow(argument);
  if (rowOf !== undefined) return rowOf;
  await accounts.heedOthers();
  const views = fleet.views();
  if (views.length === 1) return views[0]?.account.id;
  const picked = await choose<AccountView>({ title, placeholder: 'Choose the account' }, views.map(choiceOf));
  return typeof picked === 'symbol' ? undefined : picked?.account.id;
}

/** @param isWanted whether the questions still are, once they can be asked */
async function askFor(parts: Parts, argument: unknown, isWanted: () => boolean) {
  const accountId = await accountFor(parts, argument);
  if (accountId === undefined) return undefined;
  // Whoever waits for an account that is slow to open may have turned to another one.
  await parts.fleet.account(accountId).provider();
  return isWanted() ? ask(parts, accountId) : undefined;
}

/**
 * Asks for all that a sandbox may be. What is answered is offered the next time, whatever comes of it.
 * @param known what to begin with; the choices of the last time where it is missing
 */
async function ask(
  { fleet, memory, log }: Parts,
  accountId: string,
  known?: Pick<Wanted, 'request' | 'name'>,
): Promise<WantedIn | undefined> {
  const { createLimits } = await fleet.account(accountId).provider();
  const request = memory.last(accountId, createLimits) ?? usualRequest(createLimits);
  const recentTemplates = memory.templates(accountId);
  const wanted = await askForRequest(createLimits, { request, ...known, recentTemplates });
  if (!wanted) return undefined;
  await memory
    .rememberChoices(accountId, wanted.request)
    .catch((error: unknown) => log.warn(`What was chosen could not be kept: ${String(error)}`));
  return { accountId, ...wanted };
}

/** The message about a failure leads back to the questions, with all that was answered. */
async function create(parts: Parts, { accountId, request, name }: WantedIn): Promise<Sandbox | undefined> {
  const changeAndCreate = async () => {
    const wanted = await ask(parts, accountId, { request, name });
    if (wanted) await create(parts, wanted);
  };
  const change = () => {
    changeAndCreate().catch((thrown: unknown) => showFailure(parts.log, thrown, change));
  };
  return makeSandbox(parts, { accountId, origin: request, name }, { 'Change…': change });
}
