import * as vscode from 'vscode';
import type { AccountFleet } from '../sandboxes/accountFleet.ts';
import { ProviderError } from '../sandboxes/errors.ts';
import type { Sandbox } from '../sandboxes/sandbox.ts';
import { isFolder } from '../sandboxes/sessionInput.ts';
import { showFailure } from './failures.ts';
import { message } from './message.ts';
import type { Parts } from './parts.ts';
import { waitFor } from './progress.ts';
import { openRemote } from './remote/open.ts';

/** More characters than an account, an ID or a path has. */
const longest = 1_000;

interface Wanted {
  readonly account: string;
  readonly id: string;
  readonly folder: string | undefined;
}

/** Serves `vscode://sandbox-explorer.sandbox-explorer/open?account=…&id=…[&folder=…]`, which any web page may hold. */
export function registerUris(parts: Parts): vscode.Disposable {
  const handleUri = async (uri: vscode.Uri): Promise<void> => {
    // What is in the address is never written down: it may hold anything.
    await open(parts, uri).catch((thrown: unknown) => showFailure(parts.log, thrown));
  };
  return vscode.window.registerUriHandler({ handleUri });
}

async function open(parts: Parts, uri: vscode.Uri): Promise<void> {
  const wanted = read(uri);
  const sandbox = await find(parts, wanted);
  const { account } = parts.fleet.account(sandbox.accountId);
  const question = `Open the sandbox ${message(sandbox.name)} of the account ${message(account.name)}?`;
  const folder = wanted.folder === undefined ? '' : `, in the folder ${message(wanted.folder)}`;
  const detail = `A link asks for it. It opens in a Remote-SSH window${folder}; if it sleeps, it is woken.`;
  const chosen = await vscode.window.showWarningMessage(question, { modal: true, detail }, 'Open');
  if (chosen === 'Open') await openRemote(parts, sandbox, { folder: wanted.folder, inNewWindow: true });
}

/** @throws ProviderError `invalid` for anything else than it should be */
function read({ path, query }: vscode.Uri): Wanted {
  const parameters = new URLSearchParams(query);
  const get = (name: string) => {
    const all = parameters.getAll(name);
    return all.length === 1 && all[0] !== undefined && all[0].length <= longest ? all[0] : undefined;
  };
  const [account, id, folder] = [get('account'), get('id'), get('folder')];
  const isRight =
    path === '/open' && account && id && (!parameters.has('folder') || (folder && isFolder(folder)));
  if (isRight) return { account, id, folder };
  throw new ProviderError('invalid', 'A link to Sandbox Explorer could not be understood.', {
    advice: 'It should end in /open?account=…&id=…, and may name a folder by its absolute path.',
  });
}

/** With the list come the names that the user has given; a service may not list it and have it all the same. */
async function look(account: AccountFleet, id: string): Promise<Sandbox | undefined> {
  await account.refresh();
  return account.find(id) ?? account.confirm(id);
}

/** @throws ProviderError `notFound` */
async function find({ fleet }: Parts, { account, id }: Wanted): Promise<Sandbox> {
  const isKnown = fleet.views().some((view) => view.account.id === account);
  const sandbox = isKnown
    ? await waitFor('Looking for the sandbox of a link…', look(fleet.account(account), id))
    : undefined;
  if (sandbox) return sandbox;
  const what = isKnown ? 'a sandbox that is not there' : 'an account that is not here';
  throw new ProviderError('notFound', `A link to Sandbox Explorer names ${what}.`);
}
