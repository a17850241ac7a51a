import * as vscode from 'vscode';
import {
  checkCidr,
  checkDomain,
  checkHeaderName,
  checkHeaderValue,
  splitList,
} from '../../sandboxes/networkInput.ts';
import type {
  CustomPolicy,
  HeaderTransform,
  NetworkLimits,
  NetworkPolicy,
} from '../../sandboxes/networkPolicy.ts';
import { back, choose, keep, type, typeSecret, type Answer, type Choice } from '../wizard.ts';

interface Place {
  readonly title: string;
  readonly step?: number;
  readonly totalSteps?: number;
}

type CustomLimits = Required<NetworkLimits>['custom'];

/** A policy in words; the values of its headers are secrets, and are not among them. */
export function describePolicy(policy: NetworkPolicy | undefined): string {
  if (policy?.mode === 'deny-all') return 'nothing is allowed';
  if (policy?.mode !== 'custom') return 'everything is allowed';
  const { allowDomains = [], allowCidrs = [], transforms = [] } = policy;
  const allowed = [...allowDomains, ...allowCidrs].join(', ') || 'nothing';
  return `${allowed}${transforms.length > 0 ? ` · headers for ${transforms.map(({ domain }) => domain).join(', ')}` : ''}`;
}

/** Asks what a sandbox may reach. */
export async function askNetwork(
  place: Place,
  { custom }: NetworkLimits,
  known: NetworkPolicy | undefined,
): Promise<Answer<NetworkPolicy>> {
  const step = { ...place, placeholder: 'Choose what the sandbox may reach' };
  const choices: Choice<NetworkPolicy['mode']>[] = [
    { label: 'Allow all', description: 'the whole Internet', value: 'allow-all' },
    { label: 'Deny all', description: 'no network', value: 'deny-all' },
  ];
  if (custom)
    choices.push({ label: 'Custom…', description: 'domains, networks and headers', value: 'custom' });
  for (;;) {
    const selected = choices.find(({ value }) => value === known?.mode);
    const mode = await choose(step, choices, selected);
    if (mode === undefined || mode === back) return mode;
    if (mode !== 'custom' || !custom) return { mode: mode === 'deny-all' ? 'deny-all' : 'allow-all' };
    const policy = await askCustom(place, custom, known?.mode === 'custom' ? known : { mode });
    if (policy !== back) return policy;
  }
}

async function askCustom(
  place: Place,
  limits: CustomLimits,
  known: CustomPolicy,
): Promise<Answer<CustomPolicy>> {
  const domains = await typeList(
    { ...place, placeholder: 'api.example.com, *.example.org', prompt: 'The domains that it may reach.' },
    known.allowDomains,
    limits.allowDomains,
    checkDomain,
  );
  if (domains === undefined || domains === back) return domains;
  const cidrs = await typeList(
    { ...place, placeholder: '10.0.0.0/24, fd00::/8', prompt: 'The networks that it may reach.' },
    known.allowCidrs,
    limits.allowCidrs,
    checkCidr,
  );
  if (cidrs === undefined || cidrs === back) return cidrs;
  const transforms = await askTransforms(place, limits.transforms, known.transforms ?? []);
  return keep(transforms, (list) => ({
    mode: 'custom',
    allowDomains: domains,
    allowCidrs: cidrs,
    ...(list.length > 0 && { transforms: list }),
  }));
}

/** A list in one box, in which every entry is checked while it is typed. */
async function typeList(
  step: Place & { readonly placeholder: string; readonly prompt: string },
  known: readonly string[] = [],
  most: number,
  check: (entry: string) => string | undefined,
): Promise<Answer<string[]>> {
  const prompt = `${step.prompt} Commas divide them; leave the box empty for none.`;
  const checkAll = (text: string) => {
    const entries = splitList(text);
    if (entries.length > most) return `There are ${entries.length}, and there may be ${most}.`;
    return entries.map(check).find((problem) => problem !== undefined);
  };
  return keep(await type({ ...step, prompt }, known.join(', '), checkAll), splitList);
}

type Wish = 'done' | 'add' | { readonly remove: number };

async function askTransforms(
  place: Place,
  most: number,
  known: readonly HeaderTransform[],
): Promise<Answer<readonly HeaderTransform[]>> {
  let transforms = known;
  for (;;) {
    const choices: Choice<Wish>[] = [
      { label: 'Done', iconPath: new vscode.ThemeIcon('check'), value: 'done' },
      ...transforms.map((transform, index) => ({
        label: transform.domain,
        description: `${headersOf(transform)} · choose it to take it out`,
        value: { remove: index },
      })),
    ];
    const add: Choice<Wish> = {
      label: 'Change headers of a domain…',
      iconPath: new vscode.ThemeIcon('add'),
      value: 'add',
    };
    if (transforms.length < most) choices.splice(1, 0, add);
    const placeholder = 'Headers that are changed on the way out, so that the sandbox holds no credential';
    const wish = await choose({ ...place, placeholder }, choices);
    if (wish === undefined || wish === back) return wish;
    if (wish === 'done') return transforms;
    if (wish !== 'add') {
      transforms = transforms.toSpliced(wish.remove, 1);
      continue;
    }
    const added = await askTransform(place);
    if (added === undefined) return undefined;
    if (added !== back) transforms = [...transforms, added];
  }
}

const headersOf = ({ injectHeaders = {}, stripHeaders = [] }: HeaderTransform): string =>
  [
    ...Object.keys(injectHeaders).map((name) => `sets ${name}`),
    ...stripHeaders.map((name) => `removes ${name}`),
  ].join(', ');

async function askTransform(place: Place): Promise<Answer<HeaderTransform>> {
  const step = { ...place, placeholder: 'api.example.com', prompt: 'The domain whose requests are changed.' };
  const domain = await type(step, '', (text) => checkDomain(text.trim()));
  if (domain === undefined || domain === back) return domain;
  let transform: HeaderTransform = { domain: domain.trim() };
  for (;;) {
    const done = headersOf(transform)
      ? [{ label: 'Done', description: headersOf(transform), value: 'done' as const }]
      : [];
    const placeholder = `Choose what is changed in requests to ${transform.domain}`;
    const wish = await choose({ ...place, placeholder }, [
      ...done,
      { label: 'Set a header…', value: 'set' as const },
      { label: 'Remove a header…', value: 'strip' as const },
    ]);
    if (wish === undefined || wish === back) return wish;
    if (wish === 'done') return transform;
    const changed = await askHeader(place, wish, transform);
    if (changed === undefined) return undefined;
    if (changed !== back) transform = changed;
  }
}

async function askHeader(
  place: Place,
  wish: 'set' | 'strip',
  transform: HeaderTransform,
): Promise<Answer<HeaderTransform>> {
  const { injectHeaders = {}, stripHeaders = [] } = transform;
  const step = { ...place, placeholder: 'Authorization', prompt: "The header's name." };
  const typed = await type(step, '', (text) => checkHeaderName(text.trim()));
  if (typed === undefined || typed === back) return typed;
  const name = typed.trim();
  if (wish === 'strip') return { ...transform, stripHeaders: [...stripHeaders, name] };
  const secret = { ...place, placeholder: `The value of ${name}`, prompt: 'It is not shown again.' };
  return keep(await typeSecret(secret, checkHeaderValue), (value) => ({
    ...transform,
    injectHeaders: { ...injectHeaders, [name]: value },
  }));
}
