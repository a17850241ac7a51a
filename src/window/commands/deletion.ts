import type { Parts } from '../parts.ts';
import type { Work } from './many.ts';

/** Deletes sandboxes that the user has agreed to lose. */
export const deletion = ({ fleet }: Parts): Work => ({
  doing: 'Deleting',
  done: 'deleted',
  run: (sandbox, signal) => fleet.account(sandbox.accountId).delete(sandbox.id, { signal }),
});
