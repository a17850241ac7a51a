const controller = new AbortController();

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => controller.abort(new Error(`Interrupted by ${signal}`)));
}

/** Aborted by Ctrl+C or a plain kill: who started something ends it before we exit. */
export const interrupted = controller.signal;
