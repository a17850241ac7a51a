/** How lists are sorted and cut (leap0-openapi.yaml, `listSandboxes` and `listSnapshots`). */
interface PageQuery {
  'order-by': 'asc' | 'desc';
  page: number;
  'page-size': number;
}

interface Listed {
  id: string;
  createdAt: number;
}

/**
 * One page of what matched, with the number of all.
 * @param compare by what to sort; things that are alike are sorted by their age
 */
export function page<T extends Listed>(
  matching: T[],
  query: PageQuery,
  compare: (one: T, other: T) => number,
  answer: (item: T) => Record<string, unknown>,
): { items: Record<string, unknown>[]; total_items: number } {
  const sign = query['order-by'] === 'asc' ? 1 : -1;
  const sorted = matching.toSorted(
    (a, b) => sign * (compare(a, b) || a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1)),
  );
  const size = query['page-size'];
  const first = (query.page - 1) * size;
  return { items: sorted.slice(first, first + size).map(answer), total_items: matching.length };
}
