import { beforeEach, describe, expect, it } from 'vitest';
import type { Node } from '../../../src/window/explorer/nodes.ts';
import { Rows } from '../../../src/window/explorer/rows.ts';

/** A tree of rows as somebody else knows them: a name, what it shows, and what is below it. */
interface Known {
  readonly name: string;
  readonly shows?: string;
  readonly below?: readonly Known[];
}

type Row = Node & { readonly known: Known };

const rowOf = (known: Known) =>
  ({ kind: 'failure', id: known.name, accountId: 'a', message: known.shows ?? '', known }) as unknown as Row;
const lookOf = (node: Node) => (node.kind === 'failure' ? node.message : '');

let rows: Rows;
let known: readonly Known[];

const childrenOf = (parent?: Node): Row[] => ((parent as Row | undefined)?.known.below ?? known).map(rowOf);

/** Draws a row's children as VS Code does, and all below those. */
function draw(parent?: Node): Row[] {
  const drawn = rows.draw(parent, parent && !(parent as Row).known.below ? [] : childrenOf(parent)) as Row[];
  for (const row of drawn) {
    rows.drawn(row);
    if (row.known.below) draw(row);
  }
  return drawn;
}

/** What is to be drawn anew when this is how things are by now. */
function whenItIs(now: readonly Known[]): (string | undefined)[] {
  known = now;
  return rows.update(childrenOf).map((row) => (row as Row | undefined)?.known.name);
}

const two = (shows?: string): Known[] => [
  { name: 'one', below: [{ name: 'first', ...(shows && { shows }) }, { name: 'second' }] },
  { name: 'other', below: [] },
];

beforeEach(() => {
  rows = new Rows(lookOf);
  known = two();
});

describe('the rows of the tree', () => {
  it('stay the same objects, with what is new in them', () => {
    const [before] = draw();
    whenItIs([{ name: 'one', shows: 'new', below: [] }, ...two().slice(1)]);
    const [after] = draw();
    expect(after).toBe(before);
    expect(before && lookOf(before)).toBe('new');
  });

  it('are not drawn anew when they look as before', () => {
    draw();
    expect(whenItIs(two())).toEqual([]);
  });

  it('are drawn anew one by one, and once for each change', () => {
    draw();
    expect(whenItIs(two('new'))).toEqual(['first']);
    expect(whenItIs(two('new'))).toEqual([]);
  });

  it('have their parent drawn anew when they come, go or change places', () => {
    const [first, second] = two()[0]?.below ?? [];
    for (const below of [[first], [second, first], [first, second, { name: 'third' }]]) {
      known = two();
      draw();
      expect(whenItIs([{ name: 'one', below: below.filter((row) => !!row) }, ...two().slice(1)])).toEqual([
        'one',
      ]);
    }
  });

  it('have the root drawn anew when one of the first level comes or goes', () => {
    draw();
    expect(whenItIs(two().slice(1))).toEqual([undefined]);
  });

  it('are left alone until VS Code has asked for them again', () => {
    draw();
    whenItIs([{ name: 'one', below: [] }, ...two().slice(1)]);
    expect(whenItIs(two('new'))).toEqual([]);
    draw();
    expect(whenItIs(two('newer'))).toEqual(['first']);
  });

  it('are left alone below a row that is drawn anew itself', () => {
    draw();
    const [one, other] = two('new');
    expect(whenItIs([{ ...one, name: 'one', shows: 'new' }, other ?? { name: 'other' }])).toEqual(['one']);
  });

  it('have their parent drawn anew when very many of them change', () => {
    const many = (shows: string) => [
      { name: 'one', below: Array.from({ length: 500 }, (_, index) => ({ name: `${index}`, shows })) },
    ];
    known = many('old');
    draw();
    expect(whenItIs(many('new'))).toEqual(['one']);
  });

  it('are one row when a service tells of it twice', () => {
    known = [{ name: 'one' }, { name: 'one' }];
    expect(draw()).toHaveLength(1);
  });

  it('are new objects when they come again after they were gone', () => {
    const [before] = draw();
    whenItIs([]);
    known = two();
    expect(draw()[0]).not.toBe(before);
  });

  it('can be asked for again without any change, once until VS Code has done so', () => {
    const [one, other] = draw();
    if (!one || !other) throw new Error('two rows were drawn');
    expect(rows.askAgain(one)).toEqual([one]);
    expect(rows.askAgain(one)).toEqual([]);
    expect(rows.askAgain(other)).toEqual([other]);
  });

  it('are all known, at every level', () => {
    draw();
    expect(rows.all().map((row) => (row as Row).known.name)).toEqual(['one', 'other', 'first', 'second']);
  });

  it('are not kept below a row that has gone while VS Code asked for them', () => {
    const [before] = draw();
    whenItIs([]);
    const late = rows.draw(before, [rowOf({ name: 'late' })]);
    known = two();
    draw();
    expect(rows.draw(before, [rowOf({ name: 'late' })])[0]).not.toBe(late[0]);
  });
});
