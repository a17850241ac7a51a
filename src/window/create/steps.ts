import { checkTemplate, sizes, type Size } from '../../sandboxes/createInput.ts';
import { formatMib } from '../../sandboxes/describe.ts';
import type { CreateLimits, CreateRequest } from '../../sandboxes/provider.ts';
import { message } from '../message.ts';
import {
  askInTurn,
  back,
  chooseOr,
  icon,
  keep,
  other,
  type,
  type Answer,
  type Choice,
  type Place,
  type Step,
} from '../wizard.ts';
import { another, chooseTimeout, typeNumber } from './numbers.ts';
import { askOptions, describeUnusual, type Options } from './options.ts';

export const title = 'Create Sandbox';
const at = (step: number): Place => ({ title, step, totalSteps: 3 });

/** The choice of seeing what else can be chosen. */
const more = Symbol('more');

export interface Wanted {
  readonly request: CreateRequest;
  /** The next free one where it is missing. */
  readonly name: string | undefined;
}

/** What the wizard begins with. */
export interface Beginning {
  readonly request: CreateRequest;
  readonly name?: string | undefined;
  readonly recentTemplates: readonly string[];
}

interface Answers extends Options {
  readonly template: string;
  readonly size: Size;
  readonly wantsMore: boolean;
}

/** Asks for template, size and time-out, and for the rest only when the user wants to choose it. */
export async function askForRequest(
  limits: CreateLimits,
  { request, name: knownName, recentTemplates }: Beginning,
): Promise<Wanted | undefined> {
  const { template, vcpu, memoryMib, timeoutMinutes, autoPause, env, network } = request;
  const defaults: Answers = {
    template,
    size: { vcpu, memoryMib },
    timeoutMinutes,
    autoPause,
    name: knownName,
    env,
    network,
    otelExport: request.otelExport ?? false,
    wantsMore: false,
  };
  const answers = await askInTurn<Answers>(defaults, [
    async (now) => {
      const step = { ...at(1), placeholder: 'Choose a template' };
      const chosen = await askTemplate(step, limits, recentTemplates, now.template);
      return keep(chosen, (value) => ({ template: value }));
    },
    async (now) => keep(await askSize(at(2), limits, now.size), (size) => ({ size })),
    async (now) => askTimeout(limits, now),
    async (now, keepPart) => (now.wantsMore ? askOptions(limits, now, keepPart) : {}),
  ]);
  if (!answers) return undefined;
  const { size, name, wantsMore: _, otelExport, ...others } = answers;
  return { request: { ...others, ...size, ...(otelExport && { otelExport }) }, name };
}

/** What is asked for unless the user chooses something else. */
export const usualRequest = (limits: CreateLimits): CreateRequest => ({
  template: limits.templates[0] ?? '',
  vcpu: limits.vcpu.default,
  memoryMib: limits.memoryMib.default,
  timeoutMinutes: limits.timeoutMinutes.default,
  autoPause: limits.autoPause,
});

const choice = (template: string, id: string) => ({
  label: message(template),
  ...icon(id),
  value: template,
});

export async function askTemplate(
  step: Step,
  { templates, templateName }: CreateLimits,
  recentTemplates: readonly string[],
  selected: string,
) {
  // What was typed before a step back is a recent one, too.
  const recent = new Set([...recentTemplates, selected]);
  const choices: Choice<string | typeof other>[] = [
    ...templates.map((template) => choice(template, 'package')),
    ...[...recent]
      .filter((template) => !templates.includes(template))
      .map((template) => choice(template, 'history')),
  ];
  if (!templateName) return chooseOr(step, choices, selected, () => Promise.resolve(undefined));
  choices.push(another('Another template…'));
  const name = { ...step, placeholder: "The template's name" };
  return chooseOr(step, choices, selected, async () =>
    keep(await type(name, '', (text) => checkTemplate(text, templateName)), (text) => text.trim()),
  );
}

export async function askSize(place: Place, limits: CreateLimits, selected: Size) {
  const step = { ...place, placeholder: 'Choose a size' };
  const usual = sizes(limits);
  const isUsual = usual.some(
    ({ vcpu, memoryMib }) => vcpu === selected.vcpu && memoryMib === selected.memoryMib,
  );
  const choices: Choice<Size | typeof other>[] = [...usual, ...(isUsual ? [] : [selected])].map(
    (size, index) => ({
      label: `${size.vcpu} vCPU`,
      description: formatMib(size.memoryMib) + (index === 0 ? ' · default' : ''),
      value: size,
    }),
  );
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

async function askTimeout(limits: CreateLimits, known: Answers): Promise<Answer<Partial<Answers>>> {
  const step = { ...at(3), placeholder: 'Choose how long it may run' };
  const furtherChoice = {
    label: 'More options…',
    description: message(
      describeUnusual(limits, known) || 'name, what happens at the end, variables, network, telemetry',
    ),
    ...icon('settings-gear'),
    alwaysShow: true,
    value: more,
  } as const;
  const chosen = await chooseTimeout(limits, known.timeoutMinutes, step, [furtherChoice]);
  return keep(chosen, (value) =>
    value === more ? { wantsMore: true } : { timeoutMinutes: value, wantsMore: false },
  );
}
