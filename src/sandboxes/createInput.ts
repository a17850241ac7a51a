import type { FieldError } from './errors.ts';
import { checkNetwork } from './networkInput.ts';
import type { CreateLimits, CreateRequest, Range } from './provider.ts';
import { checkVariables } from './variables.ts';

/** A size to choose, in the order of the list. */
export interface Size {
  readonly vcpu: number;
  readonly memoryMib: number;
}

/** The sizes that the wizard offers, the default first; all are within the provider's limits. */
export function sizes(limits: { readonly vcpu: Range; readonly memoryMib: Range }): Size[] {
  const usual: Size = { vcpu: limits.vcpu.default, memoryMib: limits.memoryMib.default };
  const larger = [1, 2, 4, 8]
    .map((vcpu) => ({ vcpu, memoryMib: vcpu * 1024 }))
    .filter(({ vcpu, memoryMib }) => isWithin(vcpu, limits.vcpu) && isWithin(memoryMib, limits.memoryMib))
    .filter((size) => size.vcpu !== usual.vcpu || size.memoryMib !== usual.memoryMib);
  return [usual, ...larger];
}

/** The time-outs that the wizard offers, in minutes, the default first. */
export function timeouts(range: Range): number[] {
  const others = [15, 30, 60, 240, 480].filter(
    (minutes) => isWithin(minutes, range) && minutes !== range.default,
  );
  return [range.default, ...others];
}

/** What is wrong with a number that was typed, with the range that is allowed; nothing when it is right. */
export function checkNumber(text: string, range: Omit<Range, 'default'>, unit: string): string | undefined {
  const { min, max, step = 1 } = range;
  const value = Number(text.trim());
  const isRight = text.trim() !== '' && Number.isInteger(value) && isWithin(value, range);
  if (isRight) return undefined;
  const kind = step === 2 ? 'an even number' : 'a whole number';
  return `Type ${kind} from ${min} to ${max}${unit ? ` (${unit})` : ''}.`;
}

/** What is wrong with a template's name that was typed; nothing when it is right. */
export function checkTemplate(
  name: string,
  bounds: { readonly minLength: number; readonly maxLength: number },
): string | undefined {
  const { length } = name.trim();
  if (length >= bounds.minLength && length <= bounds.maxLength) return undefined;
  return `A template's name has ${bounds.minLength} to ${bounds.maxLength} characters.`;
}

/** What is wrong with a snapshot's name that was typed; nothing when it is right. */
export function checkSnapshotName(name: string, maxLength: number): string | undefined {
  const isRight = /^\P{Cc}+$/u.test(name.trim()) && name.trim().length <= maxLength;
  return isRight ? undefined : `A snapshot's name has 1 to ${maxLength} characters on one line.`;
}

/** What of a request is out of the limits, each field with what it may be. */
export function checkRequest(request: CreateRequest, limits: CreateLimits): FieldError[] {
  const { template, vcpu, memoryMib, timeoutMinutes } = request;
  const errors = {
    template: limits.templates.includes(template) ? undefined : checkFreeTemplate(template, limits),
    vcpu: checkNumber(String(vcpu), limits.vcpu, ''),
    memoryMib: checkNumber(String(memoryMib), limits.memoryMib, 'MiB'),
    timeoutMinutes: checkNumber(String(timeoutMinutes), limits.timeoutMinutes, 'minutes'),
  };
  return [
    ...Object.entries(errors).flatMap(([field, error]) => (error ? [{ field, error }] : [])),
    ...checkVariables(request.env ?? {}),
    ...(request.network ? checkNetwork(request.network, limits.network) : []),
  ];
}

function checkFreeTemplate(template: string, { templates, templateName }: CreateLimits): string | undefined {
  return templateName ? checkTemplate(template, templateName) : `Choose one of ${templates.join(', ')}.`;
}

/** Characters: with its number a name is still one that could be typed. */
const maxStem = 56;

/** A short name for a new sandbox, such as `debian-2`, that no other one has. */
export function newName(template: string, taken: readonly string[]): string {
  const word = /^(?:.*\/)?([a-z0-9-]+)/i.exec(template)?.[1]?.toLowerCase() ?? 'sandbox';
  const stem = word.slice(0, maxStem);
  const names = new Set(taken);
  for (let number = 1; ; number++) if (!names.has(`${stem}-${number}`)) return `${stem}-${number}`;
}

const isWithin = (value: number, { min, max, step = 1 }: Omit<Range, 'default'>): boolean =>
  value >= min && value <= max && value % step === 0;
