import * as vscode from 'vscode';
import { checkNumber, checkTemplate, sizes, timeouts, type Size } from '../../sandboxes/createInput.ts';
import { createNamed, freeName } from '../../sandboxes/creation.ts';
import { formatMib, formatMinutes } from '../../sandboxes/describe.ts';
import type { CreateLimits, CreateRequest, Range } from '../../sandboxes/provider.ts';
import type { Sandbox } from '../../sandboxes/sandbox.ts';
import { message } from '../message.ts';
import type { Parts } from '../parts.ts';
import { withProgress } from '../progress.ts';
import { askInTurn, back, chooseOr, keep, other, type, type Choice, type Step } from '../wizard.ts';
import { isNode } from '../explorer/nodes.ts';

const title = 'Create Sandbox';
const totalSteps = 3;

/** A second click while the questions stand is the same wish, not a second one. */
let asking = false;

export async function createSandbox(parts: Parts, argument: unknown): Promise<Sandbox | undefined> {
  if (asking) return undefined;
  asking = true;
  const answers = await askFor(parts, argument).finally(() => (asking = false));
  return answers && create(parts, answers.accountId, answers.request);
}

async function askFor(parts: Parts, argument: unknown) {
  const fromRow = isNode(argument) && argument.kind === 'account' ? argument.view.account.id : undefined;
  const accountId = fromRow ?? parts.fleet.views()[0]?.account.id ?? '';
  const { createLimits } = await parts.fleet.account(accountId).provider();
  const request = await askForRequest(createLimits);
  return request && { accountId, request };
}

async function askForRequest(limits: CreateLimits): Promise<CreateRequest | undefined> {
  const defaults = {
    template: limits.templates[0] ?? '',
    size: { vcpu: limits.vcpu.default, memoryMib: limits.memoryMib.default },
    timeoutMinutes: limits.timeoutMinutes.default,
  };
  const answers = await askInTurn(defaults, [
    async (known) => keep(await askTemplate(limits, known.template), (template) => ({ template })),
    async (known) => keep(await askSize(limits, known.size), (size) => ({ size })),
    async (known) =>
      keep(await askTimeout(limits, known.timeoutMinutes), (timeoutMinutes) => ({ timeoutMinutes })),
  ]);
  if (!answers) return undefined;
  const { template, size, timeoutMinutes } = answers;
  return { template, ...size, timeoutMinutes, autoPause: limits.autoPause };
}

async function askTemplate({ templates, templateName }: CreateLimits, selected: string) {
  const step = { title, step: 1, totalSteps, placeholder: 'Choose a template' };
  const choices: Choice<string | typeof other>[] = templates.map((template) => ({
    label: template,
    iconPath: new vscode.ThemeIcon('package'),
    value: template,
  }));
  if (!templateName) return chooseOr(step, choices, selected, () => Promise.resolve(undefined));
  choices.push({ label: 'Another template…', alwaysShow: true, value: other });
  const name = { ...step, placeholder: "The template's name" };
  return chooseOr(step, choices, selected, async () =>
    keep(await type(name, '', (text) => checkTemplate(text, templateName)), (text) => text.trim()),
  );
}

async function askSize(limits: CreateLimits, selected: Size) {
  const step = { title, step: 2, totalSteps, placeholder: 'Choose a size' };
  const choices: Choice<Size | typeof other>[] = sizes(limits).map((size, index) => ({
    label: `${size.vcpu} vCPU`,
    description: formatMib(size.memoryMib) + (index === 0 ? ' · default' : ''),
    value: size,
  }));
  choices.push({ label: 'Another size…', alwaysShow: true, value: other });
  return chooseOr(step, choices, selected, () => typeSize(step, limits, selected));
}

async function typeSize(step: Step, limits: CreateLimits, selected: Size) {
  for (;;) {
    const vcpu = await typeNumber({ ...step, placeholder: 'vCPU' }, selected.vcpu, limits.vcpu, 'vCPU');
    if (typeof vcpu !== 'number') return vcpu;
    const memory = { ...step, placeholder: 'Memory in MiB' };
    const memoryMib = await typeNumber(memory, selected.memoryMib, limits.memoryMib, 'MiB');
    if (memoryMib !== back) return memoryMib === undefined ? undefined : { vcpu, memoryMib };
  }
}

async function askTimeout({ timeoutMinutes }: CreateLimits, selected: number) {
  const step = { title, step: 3, totalSteps, placeholder: 'Choose how long it may run' };
  const choices: Choice<number | typeof other>[] = timeouts(timeoutMinutes).map((minutes, index) => ({
    label: formatMinutes(minutes),
    description: index === 0 ? 'default' : '',
    value: minutes,
  }));
  choices.push({ label: 'Another time-out…', alwaysShow: true, value: other });
  const typed = { ...step, placeholder: 'Minutes' };
  return chooseOr(step, choices, selected, () => typeNumber(typed, selected, timeoutMinutes, 'minutes'));
}

async function typeNumber(step: Step, value: number, range: Range, unit: string) {
  const typed = await type(step, String(value), (text) => checkNumber(text, range, unit));
  return typeof typed === 'string' ? Number(typed) : typed;
}

async function create(parts: Parts, accountId: string, request: CreateRequest): Promise<Sandbox> {
  const name = await freeName(parts.fleet.account(accountId), request.template);
  return withProgress(`Creating ${message(name)}…`, async (signal) => {
    const sandbox = await createNamed(parts.fleet, { accountId, request, name }, { signal });
    await parts.view.reveal(sandbox);
    return sandbox;
  });
}
