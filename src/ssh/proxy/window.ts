/** Names, by its id, the process of a window whose life is the longest that an ssh-proxy is of use. */
export const windowVariable = 'SANDBOX_EXPLORER_WINDOW';

const lookEveryMs = 2_000;

/** Calls back when the window that is named has ended. One that crashes does not end what it has started. */
export function onceWindowEnds(callback: () => void): void {
  const pid = Number(process.env[windowVariable]);
  if (!Number.isInteger(pid) || pid <= 0) return;
  const timer = setInterval(() => {
    if (isThere(pid)) return;
    clearInterval(timer);
    callback();
  }, lookEveryMs).unref();
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
