/** Waits for a task, or rejects with the signal's reason: the task itself goes on, for whoever else waits for it. */
export async function untilAborted<T>(task: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  return Promise.race([task, aborted.promise]).finally(() => signal.removeEventListener('abort', abort));
}
