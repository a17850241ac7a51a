import * as vscode from 'vscode';
import { formatMinutes } from '../../sandboxes/describe.ts';
import { explain } from '../../sandboxes/errors.ts';
import type { NetworkPolicy } from '../../sandboxes/networkPolicy.ts';
import { exportFailure } from '../../sandboxes/otelExport.ts';
import type { CreateLimits, CreateRequest } from '../../sandboxes/provider.ts';
import type { Variables } from '../../sandboxes/variables.ts';
import { checkLabel } from '../commands/identity.ts';
import { message } from '../message.ts';
import { back, choose, icon, keep, type, type Answer, type Choice, type Place } from '../wizard.ts';
import { askNetwork, describePolicy } from './network.ts';
import { chooseTimeout } from './numbers.ts';
import { askVariables } from './variables.ts';

/** What most people never choose. */
export interface Options extends Pick<CreateRequest, 'timeoutMinutes' | 'autoPause'> {
  readonly name: string | undefined;
  readonly env: Variables | undefined;
  readonly network: NetworkPolicy | undefined;
  readonly otelExport: boolean;
}

const step = { title: 'Create Sandbox: More Options', step: 4, totalSteps: 4 };

type Editor = (limits: CreateLimits, options: Options) => Promise<Answer<Partial<Options>>>;

const editors = {
  name: async (_, { name }) => {
    const prompt = 'A name of your own, kept in this editor. Leave it empty for the next free one.';
    const typed = await type({ ...step, placeholder: 'my agent', prompt }, name ?? '', checkLabel);
    return keep(typed, (text) => ({ name: text.trim() || undefined }));
  },
  timeoutMinutes: async (limits, { timeoutMinutes }) =>
    keep(
      await chooseTimeout(limits, timeoutMinutes, { ...step, placeholder: 'Choose how long it may run' }),
      (minutes) => ({ timeoutMinutes: minutes }),
    ),
  autoPause: async (_, options) =>
    keep(await askAutoPause(step, options.autoPause), (autoPause) => ({ autoPause })),
  env: async (_, { env }) => keep(await askVariables(step, env ?? {}), (variables) => ({ env: variables })),
  network: async ({ network: limits = {} }, { network }) =>
    keep(await askNetwork(step, limits, network), (policy) => ({ network: policy })),
  otelExport: async (_, { otelExport }) => {
    const failure = otelExport ? undefined : exportFailure(process.env);
    if (!failure) return { otelExport: !otelExport };
    void vscode.window.showWarningMessage(message(explain(failure)));
    return back;
  },
} satisfies Record<string, Editor>;

type Field = keyof typeof editors;

/**
 * Shows everything that can be chosen with what is chosen now; Enter creates.
 * @param changed told of every change, since a step back takes none of them back
 */
export async function askOptions(
  limits: CreateLimits,
  known: Options,
  changed: (change: Partial<Options>) => void,
): Promise<Answer<Partial<Options>>> {
  let options = known;
  let field: Field | 'create' = 'create';
  for (;;) {
    const choices = choicesOf(limits, options);
    const selected = choices.find(({ value }) => value === field);
    const chosen: Answer<Field | 'create'> = await choose(
      { ...step, placeholder: 'Enter creates the sandbox; choose a line to change it' },
      choices,
      selected,
    );
    if (chosen === undefined || chosen === back) return chosen;
    if (chosen === 'create') return options;
    const change: Answer<Partial<Options>> = await editors[chosen](limits, options);
    if (change === undefined) return undefined;
    if (change !== back) {
      options = { ...options, ...change };
      changed(change);
    }
    field = change === back ? chosen : 'create';
  }
}

/** What is chosen already, such as the last time, and would go unseen otherwise; empty where all is as usual. */
export function describeUnusual(limits: CreateLimits, options: Options): string {
  const { name, autoPause, env = {}, network = { mode: 'allow-all' }, otelExport } = options;
  const count = Object.keys(env).length;
  return [
    name,
    autoPause !== limits.autoPause && (autoPause ? 'paused at its end' : 'deleted at its end'),
    count > 0 && (count === 1 ? '1 variable' : `${count} variables`),
    network.mode !== 'allow-all' && `network: ${describePolicy(network)}`,
    otelExport && 'OpenTelemetry',
  ]
    .filter(Boolean)
    .join(' · ');
}

/** What happens when the time is over. */
export function askAutoPause(place: Place, selected: boolean): Promise<Answer<boolean>> {
  const choices: Choice<boolean>[] = [
    { label: 'Pause it', description: 'it keeps its files, memory and processes', value: true },
    { label: 'Delete it', description: 'with all that is in it', value: false },
  ];
  const placeholder = 'Choose what happens when its time is over';
  return choose({ ...place, placeholder }, choices, choices[selected ? 0 : 1]);
}

function choicesOf(limits: CreateLimits, options: Options): Choice<Field | 'create'>[] {
  const { name, timeoutMinutes, autoPause, env = {}, network, otelExport } = options;
  const line = (value: Field, id: string, label: string, description: string) => ({
    label,
    description: message(description),
    ...icon(id),
    value,
  });
  const count = Object.keys(env).length;
  return [
    { label: 'Create', ...icon('add'), value: 'create' },
    line('name', 'edit', 'Name', name ?? 'the next free one'),
    line('timeoutMinutes', 'watch', 'Time-out', formatMinutes(timeoutMinutes)),
    line('autoPause', 'debug-pause', 'At its end', autoPause ? 'paused' : 'deleted'),
    line('env', 'symbol-variable', 'Variables', count ? Object.keys(env).join(', ') : 'none'),
    ...(limits.network ? [line('network', 'globe', 'Network', describePolicy(network))] : []),
    line('otelExport', 'pulse', 'OpenTelemetry export', otelExport ? 'on, as this editor is set up' : 'off'),
  ];
}
