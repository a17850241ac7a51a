import * as vscode from 'vscode';
import type { AccountView } from '../../sandboxes/account.ts';
import { freeName, makeNamed } from '../../sandboxes/creation.ts';
import type { CreateRequest } from '../../sandboxes/provider.ts';
import type { Sandbox } from '../../sandboxes/sandbox.ts';
import { askForRequest, title, usualRequest, type Wanted } from '../create/steps.ts';
import { isNode } from '../explorer/nodes.ts';
import { message } from '../message.ts';
import type { Parts } from '../parts.ts';
import { withProgress } from '../progress.ts';
import { choose } from '../wizard.ts';
import { choiceOf } from './accounts.ts';
import { withRoom } from './makeRoom.ts';
import { targetOf } from './target.ts';

/** A second click while the questions stand is the same wish, not a second one. */
let asking = false;

export async function createSandbox(parts: Parts, argument: unknown): Promise<Sandbox | undefined> {
  if (asking) return undefined;
  asking = true;
  const wanted = await askFor(parts, argument).finally(() => (asking = false));
  return wanted && create(parts, wanted.accountId, wanted);
}

/** Makes one without a question. */
export async function createWithDefaults(parts: Parts, argument: unknown): Promise<Sandbox | undefined> {
  const accountId = await accountFor(parts, argument);
  if (accountId === undefined) return undefined;
  const { createLimits } = await parts.fleet.account(accountId).provider();
  return create(parts, accountId, { request: usualRequest(createLimits), name: undefined, isChosen: false });
}

/** Makes another one of what a sandbox was made of. */
export async function createAgain(parts: Parts, argument: unknown): Promise<Sandbox | undefined> {
  const sandbox = await targetOf(parts, 'createAgain', argument);
  if (!sandbox) return undefined;
  const request = (await parts.memory.requestOf(sandbox)) ?? (await likeness(parts, sandbox));
  return request && create(parts, sandbox.accountId, { request, name: undefined, isChosen: false });
}

async function askFor(parts: Parts, argument: unknown) {
  const accountId = await accountFor(parts, argument);
  if (accountId === undefined) return undefined;
  const { createLimits } = await parts.fleet.account(accountId).provider();
  const wanted = await askForRequest(createLimits, {
    last: parts.memory.last(accountId, createLimits),
    recentTemplates: parts.memory.templates(accountId),
  });
  return wanted && { accountId, ...wanted };
}

/** The account of the row, the only one, or the one that the user picks. */
async function accountFor({ accounts, fleet }: Parts, argument: unknown): Promise<string | undefined> {
  if (isNode(argument) && argument.kind === 'account') return argument.view.account.id;
  await accounts.heedOthers();
  const views = fleet.views();
  if (views.length === 1) return views[0]?.account.id;
  const picked = await choose<AccountView>({ title, placeholder: 'Choose the account' }, views.map(choiceOf));
  return typeof picked === 'symbol' ? undefined : picked?.account.id;
}

/**
 * What can be seen of a sandbox that this editor has not made, once the user knows what cannot; nothing when that is
 * not enough.
 */
async function likeness(parts: Parts, sandbox: Sandbox): Promise<CreateRequest | undefined> {
  const account = parts.fleet.account(sandbox.accountId);
  const usual = usualRequest((await account.provider()).createLimits);
  // What a list tells is not all that can be seen.
  const whole = (await account.confirm(sandbox.id)) ?? sandbox;
  const { template, vcpu, memoryMib, timeoutSeconds, autoPause, network } = whole;
  const question = `Create another sandbox like ${message(sandbox.name)}?`;
  const detail =
    'This editor has not made it, and services do not tell the variables, the custom network policy and the headers ' +
    'of a sandbox: the new one is made without them.';
  const button = 'Create';
  if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, button)) !== button) {
    return undefined;
  }
  return {
    template: template ?? usual.template,
    vcpu: vcpu ?? usual.vcpu,
    memoryMib: memoryMib ?? usual.memoryMib,
    timeoutMinutes:
      timeoutSeconds === undefined ? usual.timeoutMinutes : Math.max(1, Math.round(timeoutSeconds / 60)),
    autoPause: autoPause ?? usual.autoPause,
    ...(network === 'deny-all' && { network: { mode: network } }),
  };
}

async function create(
  parts: Parts,
  accountId: string,
  { request, name, isChosen }: Wanted,
): Promise<Sandbox | undefined> {
  const account = parts.fleet.account(accountId);
  return withRoom(parts, accountId, async () => {
    const label = name ?? (await freeName(account, request.template));
    return withProgress(`Creating ${message(label)}…`, async (signal) => {
      const make = () => account.create(request, { signal });
      const sandbox = await makeNamed(parts.fleet, { accountId, name: label }, make, signal);
      await remember(parts, sandbox, { request, isChosen });
      await parts.view.reveal(sandbox);
      return sandbox;
    });
  });
}

/** What cannot be kept is not offered the next time; the sandbox is there all the same. */
async function remember(
  parts: Parts,
  sandbox: Sandbox,
  { request, isChosen }: Pick<Wanted, 'request' | 'isChosen'>,
): Promise<void> {
  const account = parts.fleet.account(sandbox.accountId);
  const { createLimits } = await account.provider();
  try {
    if (isChosen) await parts.memory.remember(sandbox.accountId, request, createLimits);
    await parts.memory.keepRequest(sandbox, request);
    await parts.memory.forgetGone(account.view());
  } catch (error) {
    parts.log.warn(`What was chosen for ${sandbox.id} could not be kept: ${String(error)}`);
  }
}
