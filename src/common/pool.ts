/**
 * Runs a task for each item, in order and so many at once. After the signal no further one begins; those that run go
 * on to their end.
 * @param task Must not reject.
 */
export async function forEachOf<T>(
  items: readonly T[],
  atOnce: number,
  task: (item: T) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const queue = [...items];
  const next = () => (signal?.aborted ? undefined : queue.shift());
  const work = async () => {
    for (let item = next(); item !== undefined; item = next()) await task(item);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}
