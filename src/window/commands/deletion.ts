import { ProviderError } from '../../sandboxes/errors.ts';
import type { SandboxState } from '../../sandboxes/sandbox.ts';
import type { Parts } from '../parts.ts';
import type { Work } from './many.ts';

/** Deletes sandboxes that the user has agreed to lose. */
export const deletion = ({ fleet }: Parts): Work => ({
  doing: 'Deleting',
  done: 'deleted',
  run: (sandbox, signal) => fleet.account(sandbox.accountId).delete(sandbox.id, { signal }),
});

/**
 * The same for sandboxes in one state. The question may have stood for long: one that is in another state since then is
 * not what was agreed to, and is kept.
 */
export function deletionIn(state: SandboxState, parts: Parts): Work {
  const work = deletion(parts);
  return {
    ...work,
    run: async (sandbox, signal) => {
      const now = await parts.fleet.account(sandbox.accountId).confirm(sandbox.id);
      if (!now) return;
      if (now.state !== state) {
        throw new ProviderError('conflict', `${now.name} is ${now.state} by now, so it was kept.`);
      }
      await work.run(now, signal);
    },
  };
}
