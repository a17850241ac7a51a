export interface Once<T> {
  (): Promise<T>;
  /** Has it done again at the next call. */
  forget(): void;
}

/** Does something at the first call and hands out its result ever after; what failed is done again at the next call. */
export function once<T>(task: () => Promise<T>): Once<T> {
  let result: Promise<T> | undefined;
  const start = () => {
    const started = task().catch((error: unknown) => {
      // Forgotten meanwhile, it says nothing of the one that was started since.
      if (result === started) result = undefined;
      throw error;
    });
    return started;
  };
  const run = () => (result ??= start());
  return Object.assign(run, { forget: () => (result = undefined) });
}
