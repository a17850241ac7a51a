import type { Sandbox } from './sandbox.ts';

export type SortOrder = 'newest' | 'name' | 'state' | 'timeLeft';

/** What of the fleet the user wants to see, and in which order. */
export interface Arrangement {
  /** Words that must all stand in a sandbox's name, id, template or state; letter case does not matter. */
  readonly filter: string;
  readonly hideStopped: boolean;
  readonly sort: SortOrder;
}

export const everything: Arrangement = { filter: '', hideStopped: false, sort: 'newest' };

/** The sandboxes that an arrangement shows, in its order. */
export function arrange(sandboxes: readonly Sandbox[], arrangement: Arrangement): Sandbox[] {
  const words = arrangement.filter.toLowerCase().split(/\s+/).filter(Boolean);
  return sandboxes
    .filter((sandbox) => !arrangement.hideStopped || sandbox.state !== 'stopped')
    .filter((sandbox) => words.every((word) => textOf(sandbox).includes(word)))
    .toSorted(comparisons[arrangement.sort]);
}

/** The words that tell what is left out, or nothing when all is shown. */
export function describeArrangement({ filter, hideStopped }: Arrangement): string | undefined {
  const parts = [filter && `“${filter}”`, hideStopped && 'without stopped ones'].filter(Boolean);
  return parts.length > 0 ? parts.join(', ') : undefined;
}

const textOf = ({ name, id, template, templateId, state }: Sandbox): string =>
  [name, id, template ?? templateId, state].join(' ').toLowerCase();

/** Made at the first use, since that takes longer than the extension may take to start. */
let collator: Intl.Collator | undefined;

function compareNames(one: string, other: string): number {
  collator ??= new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });
  return collator.compare(one, other);
}

const stateOrder = [
  'running',
  'resuming',
  'starting',
  'snapshotting',
  'pausing',
  'paused',
  'stopping',
  'stopped',
];

const newest = (a: Sandbox, b: Sandbox) => (b.createdAt ?? 0) - (a.createdAt ?? 0);

/** Where two are equal the newer one comes first, so that no order depends on the service's. */
const comparisons: Readonly<Record<SortOrder, (a: Sandbox, b: Sandbox) => number>> = {
  newest,
  name: (a, b) => compareNames(a.name, b.name) || newest(a, b),
  state: (a, b) => rank(a) - rank(b) || newest(a, b),
  timeLeft: (a, b) => (a.endsAt ?? Infinity) - (b.endsAt ?? Infinity) || newest(a, b),
};

function rank({ state }: Sandbox): number {
  const index = stateOrder.indexOf(state);
  return index < 0 ? stateOrder.length : index;
}
