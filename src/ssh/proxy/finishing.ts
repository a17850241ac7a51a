const signals = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;
const stay = () => undefined;

let last: Promise<unknown> = Promise.resolve();

/** Runs a task to its end although `ssh`, or the person, ends this process: half of it would do harm. */
export async function toTheEnd<T>(task: () => Promise<T>): Promise<T> {
  for (const signal of signals) process.on(signal, stay);
  const running = task();
  last = running.catch(() => undefined);
  try {
    return await running;
  } finally {
    for (const signal of signals) process.off(signal, stay);
  }
}

/** Resolves when no such task runs. */
export const finished = (): Promise<unknown> => last;
