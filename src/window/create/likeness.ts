import * as vscode from 'vscode';
import { enumerate } from '../../common/text.ts';
import type { CreateLimits, CreateRequest } from '../../sandboxes/provider.ts';
import type { Sandbox } from '../../sandboxes/sandbox.ts';
import { message } from '../message.ts';
import type { Parts } from '../parts.ts';
import { askInTurn, keep, type Answer, type Place } from '../wizard.ts';
import { askNetwork } from './network.ts';
import { chooseTimeout } from './numbers.ts';
import { askAutoPause } from './options.ts';
import { askSize, askTemplate, usualRequest } from './steps.ts';

/** What cannot be seen of a sandbox, in words, and the question for it. */
interface Gap {
  readonly what: string;
  readonly ask: (place: Place, now: CreateRequest) => Promise<Answer<Partial<CreateRequest>>>;
}

/**
 * What a sandbox that this editor has not made is made of, as far as its service tells, and as the user answers for the
 * rest: nothing is guessed, and what can neither be told nor asked for is said. Nothing when the user gives up.
 */
export async function askLikeness(
  { fleet, memory }: Parts,
  sandbox: Sandbox,
): Promise<CreateRequest | undefined> {
  const account = fleet.account(sandbox.accountId);
  const { createLimits: limits } = await account.provider();
  // What a list tells is not all that can be seen.
  const whole = (await account.confirm(sandbox.id)) ?? sandbox;
  const gaps = gapsOf(whole, limits, memory.templates(sandbox.accountId));
  if (!(await isWanted(whole, gaps))) return undefined;
  const title = `Create Another ${message(sandbox.name)}`;
  const questions = gaps.map(({ ask }, index) => {
    const place = { title, step: index + 1, totalSteps: gaps.length };
    return (now: CreateRequest) => ask(place, now);
  });
  return askInTurn<CreateRequest>({ ...usualRequest(limits), ...seenOf(whole) }, questions);
}

async function isWanted(sandbox: Sandbox, gaps: readonly Gap[]): Promise<boolean> {
  const question = `Create another sandbox like ${message(sandbox.name)}?`;
  const lost =
    'This editor has not made it, and services do not tell the variables and headers of a sandbox, nor whether it was ' +
    'made of a snapshot: the new one is made without them, of a template.';
  const asked = `Its service does not tell ${enumerate(gaps.map(({ what }) => what))} either: that is asked for next.`;
  const detail = gaps.length > 0 ? `${lost}\n\n${asked}` : lost;
  const button = gaps.length > 0 ? 'Continue' : 'Create';
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, button)) === button;
}

function seenOf(sandbox: Sandbox): Partial<CreateRequest> {
  const { template, vcpu, memoryMib, timeoutSeconds, autoPause, network } = sandbox;
  return {
    ...(template !== undefined && { template }),
    ...(vcpu !== undefined && { vcpu }),
    ...(memoryMib !== undefined && { memoryMib }),
    ...(timeoutSeconds !== undefined && { timeoutMinutes: Math.max(1, Math.round(timeoutSeconds / 60)) }),
    ...(autoPause !== undefined && { autoPause }),
    ...((network === 'allow-all' || network === 'deny-all') && { network: { mode: network } }),
  };
}

function gapsOf(sandbox: Sandbox, limits: CreateLimits, recentTemplates: readonly string[]): Gap[] {
  const seen = seenOf(sandbox);
  const gaps: Gap[] = [];
  if (seen.template === undefined) gaps.push(templateGap(sandbox, limits, recentTemplates));
  if (seen.vcpu === undefined || seen.memoryMib === undefined) gaps.push(sizeGap(limits));
  if (seen.timeoutMinutes === undefined) gaps.push(timeoutGap(limits));
  if (seen.autoPause === undefined) gaps.push(endGap);
  if (seen.network === undefined && limits.network) gaps.push(networkGap(sandbox, limits.network));
  return gaps;
}

const templateGap = ({ templateId }: Sandbox, limits: CreateLimits, recent: readonly string[]): Gap => {
  const id = templateId ? ` (ID ${message(templateId)})` : '';
  const placeholder = `Choose the template: that of the sandbox has a name that is not told${id}`;
  return {
    what: `the name of its template${id}`,
    ask: async (place, now) =>
      keep(await askTemplate({ ...place, placeholder }, limits, recent, now.template), (template) => ({
        template,
      })),
  };
};

const sizeGap = (limits: CreateLimits): Gap => ({
  what: 'its size',
  ask: (place, { vcpu, memoryMib }) => askSize(place, limits, { vcpu, memoryMib }),
});

const timeoutGap = (limits: CreateLimits): Gap => ({
  what: 'its time-out',
  ask: async (place, { timeoutMinutes }) => {
    const step = { ...place, placeholder: 'Choose how long it may run' };
    return keep(await chooseTimeout(limits, timeoutMinutes, step), (minutes) => ({
      timeoutMinutes: minutes,
    }));
  },
});

const endGap: Gap = {
  what: 'what happens at its end',
  ask: async (place, now) => keep(await askAutoPause(place, now.autoPause), (autoPause) => ({ autoPause })),
};

const networkGap = ({ network: mode }: Sandbox, limits: NonNullable<CreateLimits['network']>): Gap => ({
  what: mode === 'custom' ? 'what its custom network policy allows' : 'its network policy',
  ask: async (place, { network = mode === 'custom' ? { mode } : undefined }) =>
    keep(await askNetwork(place, limits, network), (policy) => ({ network: policy })),
});
