import { ProviderError } from '../../sandboxes/errors.ts';

/** Pages beyond those that the first one promised: a list may grow while it is read. */
const spare = 10;
/** Nobody looks through more; a service that goes on is out of order. */
const mostPages = 500;

/** A list that a service hands out page by page, while things come and go. */
export interface Paged<T> {
  /** How many items a full page has. */
  readonly pageSize: number;
  /** Reads a page, counted from 1, and how many items all pages have together, where the service says so. */
  page(number: number): Promise<{ readonly items: readonly T[]; readonly total: number | undefined }>;
  /** @throws ProviderError `notFound` when it is gone */
  get(id: string): Promise<T>;
}

/**
 * Reads every page. When something is deleted meanwhile, what follows moves up, and one slips from a page that is to
 * come to one that was read. So one of `known` that is missing is not taken for gone at once: it is asked for alone,
 * or by reading the list again where that takes fewer requests. A list thus costs at most twice its pages, and one of
 * a single page, which is of one moment, never more than one request.
 * @throws ProviderError `protocol` when the pages have no end
 */
export async function readPages<T extends { readonly id: string }>(
  source: Paged<T>,
  known: readonly string[],
): Promise<T[]> {
  const { found, pages } = await readOnce(source);
  const missing = pages > 1 ? known.filter((id) => !found.has(id)) : [];
  if (missing.length > pages) {
    const again = await readOnce(source);
    return [...new Map([...found, ...again.found]).values()];
  }
  for (const id of missing) {
    const item = await source.get(id).catch(nothingIfGone);
    if (item) found.set(id, item);
  }
  return [...found.values()];
}

async function readOnce<T extends { readonly id: string }>(source: Paged<T>) {
  const found = new Map<string, T>();
  let most = 1;
  let seen = 0;
  for (let pages = 1; pages <= most; pages++) {
    const { items, total } = await source.page(pages);
    const before = found.size;
    for (const item of items) found.set(item.id, item);
    seen += items.length;
    const isLast = total === undefined ? items.length < source.pageSize : seen >= total;
    if (items.length === 0 || isLast) return { found, pages };
    if (found.size === before) break;
    if (pages === 1) most = Math.min(mostPages, Math.ceil((total ?? Infinity) / source.pageSize) + spare);
  }
  throw new ProviderError('protocol', 'The list has no end: the service repeats itself.');
}

function nothingIfGone(thrown: unknown): undefined {
  if (ProviderError.from(thrown).kind !== 'notFound') throw thrown;
}
