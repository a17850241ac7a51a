import { sleep } from '../../common/time.ts';
import { idOf, isNode } from '../explorer/nodes.ts';
import type { Parts } from '../parts.ts';

/** Two clicks within this time are one double click. Milliseconds. */
const doubleClickMs = 500;

type RowCommand = (parts: Parts, argument: unknown) => Promise<void>;

/** The command of a row's click: a double click calls it twice, and the second call does nothing. */
export function oncePerRow(command: RowCommand): RowCommand {
  const busy = new Set<string>();
  return async (parts, argument) => {
    if (!isNode(argument)) return command(parts, argument);
    const id = idOf(argument);
    if (busy.has(id)) return;
    busy.add(id);
    try {
      await command(parts, argument);
      void sleep(doubleClickMs).then(() => busy.delete(id));
    } catch (thrown) {
      busy.delete(id);
      throw thrown;
    }
  };
}
