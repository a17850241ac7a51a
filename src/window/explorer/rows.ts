import { idOf, type Node } from './nodes.ts';

/** With more changed rows than this their parent is drawn anew: VS Code compares each of them with all others. */
const most = 100;

/** The rows below one, by ID. */
interface Branch {
  readonly rows: ReadonlyMap<string, Node>;
  /** Whether they are on the screen as they are here; else VS Code asks for them before it shows them again. */
  readonly isDrawn: boolean;
}

/** What must be drawn anew, with all below it; `undefined` is the root. */
export type Changed = readonly (Node | undefined)[];

/**
 * The rows as VS Code has them. A row is the same object for as long as it is there, with what is new taken in: VS Code
 * hands it to commands, and forgets those below whatever is drawn anew until it has asked for them again. So no more
 * than what looks different is drawn.
 */
export class Rows {
  readonly #branches = new Map<string, Branch>();
  /** Of all rows that are there. */
  readonly #ids = new Set<string>();
  readonly #looks = new WeakMap<Node, string>();
  readonly #lookOf: (node: Node) => string;

  /** @param lookOf All that a row shows, in one string. */
  constructor(lookOf: (node: Node) => string) {
    this.#lookOf = lookOf;
  }

  /** Told that VS Code draws a row. */
  drawn(node: Node): void {
    this.#looks.set(node, this.#lookOf(node));
  }

  /** The rows below one, for VS Code to draw. */
  draw(parent: Node | undefined, children: readonly Node[]): Node[] {
    // VS Code may have asked before the row went.
    if (parent && !this.#ids.has(idOf(parent))) return [...children];
    const rows = this.#take(parent, children);
    this.#branches.set(keyOf(parent), { rows, isDrawn: true });
    return [...rows.values()];
  }

  /**
   * Takes in what is new below everything that is drawn.
   * @param childrenOf The rows that now are below one.
   */
  update(childrenOf: (parent: Node | undefined) => readonly Node[], parent?: Node): Changed {
    const key = keyOf(parent);
    const before = this.#branches.get(key);
    if (!before?.isDrawn) return [];
    const rows = this.#take(parent, childrenOf(parent));
    this.#branches.set(key, { rows, isDrawn: true });
    const changed = isSameOrder(before.rows, rows)
      ? Array.from(rows.values()).flatMap((row) =>
          this.#hasChanged(row) ? [row] : this.update(childrenOf, row),
        )
      : undefined;
    const all = !changed || changed.length > most ? [parent] : changed;
    for (const row of all) this.#undraw(keyOf(row));
    return all;
  }

  /** What must be redrawn so that VS Code asks again for what is below a row. */
  askAgain(parent: Node): Changed {
    const key = idOf(parent);
    if (!this.#branches.get(key)?.isDrawn) return [];
    this.#undraw(key);
    return [parent];
  }

  /** Every row that is there. */
  all(): Node[] {
    return Array.from(this.#branches.values()).flatMap(({ rows }) => Array.from(rows.values()));
  }

  #take(parent: Node | undefined, children: readonly Node[]): ReadonlyMap<string, Node> {
    const before = this.#branches.get(keyOf(parent))?.rows;
    const rows = new Map<string, Node>();
    for (const child of children) {
      const id = idOf(child);
      const known = before?.get(id);
      rows.set(id, known ? Object.assign(known, child) : child);
      this.#ids.add(id);
    }
    for (const id of before?.keys() ?? []) if (!rows.has(id)) this.#forget(id);
    return rows;
  }

  #hasChanged(row: Node): boolean {
    const before = this.#looks.get(row);
    const look = this.#lookOf(row);
    this.#looks.set(row, look);
    return before !== undefined && before !== look;
  }

  /** VS Code asks again for what is below a row that it draws anew. */
  #undraw(key: string): void {
    const branch = this.#branches.get(key);
    if (!branch?.isDrawn) return;
    this.#branches.set(key, { ...branch, isDrawn: false });
    for (const id of branch.rows.keys()) this.#undraw(id);
  }

  #forget(key: string): void {
    const branch = this.#branches.get(key);
    this.#branches.delete(key);
    this.#ids.delete(key);
    for (const id of branch?.rows.keys() ?? []) this.#forget(id);
  }
}

const root = '';

const keyOf = (row: Node | undefined): string => (row ? idOf(row) : root);

function isSameOrder(one: ReadonlyMap<string, Node>, other: ReadonlyMap<string, Node>): boolean {
  const ids = other.keys();
  return one.size === other.size && Array.from(one.keys()).every((id) => id === ids.next().value);
}
