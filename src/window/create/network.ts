import {
  checkCidr,
  checkDomain,
  checkHeaderName,
  checkHeaderValue,
  splitList,
} from '../../sandboxes/networkInput.ts';
import {
  isSameHeader,
  withHeader,
  type CustomPolicy,
  type HeaderTransform,
  type NetworkLimits,
  type NetworkPolicy,
} from '../../sandboxes/networkPolicy.ts';
import {
  askWithin,
  back,
  choose,
  icon,
  keep,
  type,
  typeSecret,
  type Answer,
  type Choice,
  type Place,
} from '../wizard.ts';

type CustomLimits = Required<NetworkLimits>['custom'];

/** A policy in words; the values of its headers are secrets, and are not among them. */
export function describePolicy(policy: NetworkPolicy | undefined): string {
  if (policy?.mode === 'deny-all') return 'nothing is allowed';
  if (policy?.mode !== 'custom') return 'everything is allowed';
  const { allowDomains = [], allowCidrs = [], transforms = [] } = policy;
  const allowed = [...allowDomains, ...allowCidrs].join(', ') || 'nothing';
  return `${allowed}${transforms.length > 0 ? ` · headers for ${transforms.map(({ domain }) => domain).join(', ')}` : ''}`;
}

interface Answers extends Omit<CustomPolicy, 'mode'> {
  readonly mode: NetworkPolicy['mode'];
}

/** Asks what a sandbox may reach. */
export async function askNetwork(
  place: Place,
  { custom }: NetworkLimits,
  known: NetworkPolicy = { mode: 'allow-all' },
): Promise<Answer<NetworkPolicy>> {
  const policy = await askWithin<Answers>(known, [
    async ({ mode }) =>
      keep(await askMode(place, custom !== undefined, mode), (chosen) => ({ mode: chosen })),
    ...(custom ? questions(place, custom).map(onlyIfCustom) : []),
  ]);
  return keep(policy, ({ mode, ...rest }) => (mode === 'custom' ? { mode, ...rest } : { mode }));
}

type Ask = Parameters<typeof askWithin<Answers>>[1][number];

const onlyIfCustom =
  (ask: Ask): Ask =>
  async (answers, keepPart) =>
    answers.mode === 'custom' ? ask(answers, keepPart) : {};

function askMode(place: Place, hasCustom: boolean, known: NetworkPolicy['mode']) {
  const choices: Choice<NetworkPolicy['mode']>[] = [
    { label: 'Allow all', description: 'the whole Internet', value: 'allow-all' },
    { label: 'Deny all', description: 'no network', value: 'deny-all' },
  ];
  if (hasCustom) {
    choices.push({ label: 'Custom…', description: 'domains, networks and headers', value: 'custom' });
  }
  const selected = choices.find(({ value }) => value === known);
  return choose({ ...place, placeholder: 'Choose what the sandbox may reach' }, choices, selected);
}

const questions = (place: Place, limits: CustomLimits): Ask[] => [
  async ({ allowDomains }) => {
    const prompt = 'The domains that it may reach.';
    const step = { ...place, placeholder: 'api.example.com, *.example.org', prompt };
    const typed = await typeList(step, allowDomains, limits.allowDomains, checkDomain);
    return keep(typed, (domains) => ({ allowDomains: domains }));
  },
  async ({ allowCidrs }) => {
    const prompt = 'The networks that it may reach.';
    const step = { ...place, placeholder: '10.0.0.0/24, fd00::/8', prompt };
    const typed = await typeList(step, allowCidrs, limits.allowCidrs, checkCidr);
    return keep(typed, (cidrs) => ({ allowCidrs: cidrs }));
  },
  async ({ transforms }, keepPart) =>
    askTransforms(place, limits.transforms, transforms ?? [], (list) =>
      keepPart({ transforms: list.length > 0 ? list : undefined }),
    ),
];

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

/** @param changed told of every change, since a step back takes none of them back */
async function askTransforms(
  place: Place,
  most: number,
  known: readonly HeaderTransform[],
  changed: (transforms: readonly HeaderTransform[]) => void,
): Promise<Answer<object>> {
  let transforms = known;
  const change = (next: readonly HeaderTransform[]) => changed((transforms = next));
  for (;;) {
    const choices: Choice<Wish>[] = [
      { label: 'Done', ...icon('check'), value: 'done' },
      ...transforms.map((transform, index) => ({
        label: transform.domain,
        description: `${headersOf(transform)} · choose it to take it out`,
        ...icon('globe'),
        value: { remove: index },
      })),
    ];
    const add: Choice<Wish> = { label: 'Change headers of a domain…', ...icon('add'), value: 'add' };
    if (transforms.length < most) choices.splice(1, 0, add);
    const placeholder = 'Headers that are changed on the way out of the sandbox';
    const wish = await choose({ ...place, placeholder }, choices);
    if (wish === undefined || wish === back) return wish;
    if (wish === 'done') return {};
    if (wish !== 'add') change(transforms.toSpliced(wish.remove, 1));
    else {
      const added = await askTransform(place);
      if (added === undefined) return undefined;
      if (added !== back) change([...transforms, added]);
    }
  }
}

const headersOf = ({ injectHeaders = {}, stripHeaders = [] }: HeaderTransform): string =>
  [
    ...Object.keys(injectHeaders).map((name) => `sets ${name}`),
    ...stripHeaders.map((name) => `removes ${name}`),
  ].join(', ');

const askTransform = (place: Place): Promise<Answer<HeaderTransform>> =>
  askWithin<HeaderTransform>({ domain: '' }, [
    async ({ domain }) => {
      const prompt = 'The domain whose requests are changed.';
      const step = { ...place, placeholder: 'api.example.com', prompt };
      const typed = await type(step, domain, (text) => checkDomain(text.trim()));
      return keep(typed, (text) => ({ domain: text.trim() }));
    },
    (transform, keepPart) => askHeaders(place, transform, keepPart),
  ]);

async function askHeaders(
  place: Place,
  known: HeaderTransform,
  changed: (transform: HeaderTransform) => void,
): Promise<Answer<object>> {
  let transform = known;
  for (;;) {
    const done = headersOf(transform)
      ? [{ label: 'Done', description: headersOf(transform), ...icon('check'), value: 'done' as const }]
      : [];
    const placeholder = `Choose what is changed in requests to ${transform.domain}`;
    const wish = await choose({ ...place, placeholder }, [
      ...done,
      { label: 'Set a header…', ...icon('edit'), value: 'set' as const },
      { label: 'Remove a header…', ...icon('trash'), value: 'strip' as const },
    ]);
    if (wish === undefined || wish === back) return wish;
    if (wish === 'done') return {};
    const part = await (wish === 'set' ? askToSet(place, transform) : askToRemove(place, transform));
    if (part === undefined) return undefined;
    if (part !== back) changed((transform = { ...transform, ...part }));
  }
}

async function askHeaderName(place: Place, known = ''): Promise<Answer<string>> {
  const step = { ...place, placeholder: 'Authorization', prompt: "The header's name." };
  const typed = await type(step, known, (text) => checkHeaderName(text.trim()));
  return keep(typed, (text) => text.trim());
}

async function askToSet(
  place: Place,
  { injectHeaders = {} }: HeaderTransform,
): Promise<Answer<Partial<HeaderTransform>>> {
  const prompt = 'A secret: it is not shown again, and the next sandbox is not offered it.';
  const header = await askWithin({ name: '', value: '' }, [
    async ({ name }) => keep(await askHeaderName(place, name), (typed) => ({ name: typed })),
    async ({ name }) => {
      const step = { ...place, placeholder: `The value of ${name}`, prompt };
      return keep(await typeSecret(step, checkHeaderValue), (value) => ({ value }));
    },
  ]);
  return keep(header, ({ name, value }) => ({ injectHeaders: withHeader(injectHeaders, name, value) }));
}

async function askToRemove(
  place: Place,
  { stripHeaders = [] }: HeaderTransform,
): Promise<Answer<Partial<HeaderTransform>>> {
  return keep(await askHeaderName(place), (name) => ({
    stripHeaders: [...stripHeaders.filter((known) => !isSameHeader(known, name)), name],
  }));
}
