import * as vscode from 'vscode';
import { everything, type SortOrder } from '../../sandboxes/arrange.ts';
import type { Parts } from '../parts.ts';
import { back, choose, type Choice } from '../wizard.ts';

/** Filters while the user types; Enter keeps the filter, Escape brings back the one before it. */
export async function filter({ arrangement }: Parts): Promise<void> {
  await vscode.commands.executeCommand('sandboxExplorer.focus');
  const before = arrangement.current.filter;
  const box = vscode.window.createInputBox();
  box.title = 'Filter Sandboxes';
  box.placeholder = 'Words of a name, an ID, a template or a state, such as: agent running';
  box.value = before;
  // A look at the tree, or a click into it, is no Escape.
  box.ignoreFocusOut = true;
  return new Promise((resolve) => {
    let kept = before;
    box.onDidChangeValue((text) => arrangement.preview({ filter: text }));
    box.onDidAccept(() => {
      kept = box.value.trim();
      box.hide();
    });
    box.onDidHide(() => {
      box.dispose();
      resolve(arrangement.change({ filter: kept }));
    });
    box.show();
  });
}

export const clearFilter = ({ arrangement }: Parts): Promise<void> =>
  arrangement.change({ filter: everything.filter, hideStopped: everything.hideStopped });

export const setHideStopped =
  (hideStopped: boolean) =>
  ({ arrangement }: Parts): Promise<void> =>
    arrangement.change({ hideStopped });

const orders: readonly Choice<SortOrder>[] = [
  { label: 'Newest', description: 'first', value: 'newest' },
  { label: 'Name', value: 'name' },
  { label: 'State', description: 'running first', value: 'state' },
  { label: 'Time left', description: 'least first', value: 'timeLeft' },
];

export async function sortBy({ arrangement }: Parts): Promise<void> {
  const current = orders.find(({ value }) => value === arrangement.current.sort);
  const step = { title: 'Sort Sandboxes', placeholder: 'Choose an order' };
  const sort = await choose(step, orders, current);
  if (sort !== undefined && sort !== back) await arrangement.change({ sort });
}
