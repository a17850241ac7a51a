import { checkNumber, timeouts } from '../../sandboxes/createInput.ts';
import { formatMinutes } from '../../sandboxes/describe.ts';
import type { CreateLimits, Range } from '../../sandboxes/provider.ts';
import { chooseOr, icon, other, type, type Answer, type Choice, type Step } from '../wizard.ts';

/** Lets the user choose, or type, a time-out in minutes. */
export async function chooseTimeout<T = never>(
  { timeoutMinutes }: Pick<CreateLimits, 'timeoutMinutes'>,
  selected: number,
  step: Step,
  further: readonly Choice<T>[] = [],
): Promise<Answer<number | T>> {
  const usual = timeouts(timeoutMinutes);
  const all = usual.includes(selected) ? usual : [...usual, selected];
  const choices: Choice<number | T | typeof other>[] = all.map((minutes, index) => ({
    label: formatMinutes(minutes),
    description: index === 0 ? 'default' : '',
    ...icon('watch'),
    value: minutes,
  }));
  choices.push(another('Another time-out…'), ...further);
  const typed = { ...step, placeholder: 'Minutes' };
  return chooseOr<number | T>(step, choices, selected, () =>
    typeNumber(typed, selected, timeoutMinutes, 'minutes'),
  );
}

/** The choice of typing what is not among the others. */
export const another = (label: string): Choice<typeof other> => ({
  label,
  ...icon('edit'),
  alwaysShow: true,
  value: other,
});

export async function typeNumber(step: Step, value: number, range: Range, unit: string) {
  const typed = await type(step, String(value), (text) => checkNumber(text, range, unit));
  return typeof typed === 'string' ? Number(typed) : typed;
}
