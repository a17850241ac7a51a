import { describe, expect, it } from 'vitest';
import { arrange, describeArrangement, everything } from '../../../src/sandboxes/arrange.ts';
import type { Sandbox } from '../../../src/sandboxes/sandbox.ts';

const one = (name: string, more: Partial<Sandbox> = {}): Sandbox => ({
  key: `a/${name}`,
  accountId: 'a',
  id: `sbx-${name}`,
  name,
  state: 'running',
  createdAt: 0,
  ...more,
});
const names = (sandboxes: Sandbox[]) => sandboxes.map(({ name }) => name);

const fleet = [
  one('web-2', { createdAt: 1, endsAt: 50, template: 'system/debian' }),
  one('web-10', { createdAt: 2, state: 'stopped' }),
  one('Agent', { createdAt: 3, state: 'paused', endsAt: 10 }),
];

describe('an arrangement', () => {
  it('shows everything, the newest first, unless something else is asked for', () => {
    expect(names(arrange(fleet, everything))).toEqual(['Agent', 'web-10', 'web-2']);
  });

  it('finds by name, id, template and state, whatever the case, and by all of the words', () => {
    const found = (filter: string) => names(arrange(fleet, { ...everything, filter }));
    expect(found('AGENT')).toEqual(['Agent']);
    expect(found('sbx-web')).toEqual(['web-10', 'web-2']);
    expect(found('debian')).toEqual(['web-2']);
    expect(found('web stopped')).toEqual(['web-10']);
    expect(found(' ')).toHaveLength(3);
    expect(found('web(')).toEqual([]);
  });

  it('hides what is stopped', () => {
    expect(names(arrange(fleet, { ...everything, hideStopped: true }))).toEqual(['Agent', 'web-2']);
  });

  it('sorts as people do', () => {
    const sorted = (sort: 'name' | 'state' | 'timeLeft') => names(arrange(fleet, { ...everything, sort }));
    expect(sorted('name')).toEqual(['Agent', 'web-2', 'web-10']);
    expect(sorted('state')).toEqual(['web-2', 'Agent', 'web-10']);
    expect(sorted('timeLeft')).toEqual(['Agent', 'web-2', 'web-10']);
  });

  it('tells what it leaves out', () => {
    expect(describeArrangement(everything)).toBeUndefined();
    expect(describeArrangement({ ...everything, filter: 'web', hideStopped: true })).toBe(
      '“web”, without stopped ones',
    );
  });
});
