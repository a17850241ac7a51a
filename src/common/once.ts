export interface Once<T> {
  (): Promise<T>;
  /** Has it done again at the next call. */
  forget(): void;
}

/** Does something at the first call and hands out its result ever after; what failed is done again at the next call. */
export function once<T>(task: () => Promise<T>): Once<T> {
  let result: Promise<T> | undefined;
  const run = () => {
    result ??= task().catch((error: unknown) => {
      result = undefined;
      throw error;
    });
    return result;
  };
  return Object.assign(run, { forget: () => (result = undefined) });
}
