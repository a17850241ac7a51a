import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../common/disposable.ts';
import { plain } from '../common/text.ts';
import { actions } from '../sandboxes/actions.ts';
import type { Fleet } from '../sandboxes/fleet.ts';
import type { Sandbox } from '../sandboxes/sandbox.ts';
import type { Sessions } from '../sandboxes/sessions.ts';

const scheme = 'sandbox-explorer';

/** Read-only documents that tell everything known of a sandbox, and follow it as it changes. */
export class Details implements vscode.TextDocumentContentProvider, Disposable {
  readonly #fleet: Fleet;
  readonly #sessions: Sessions;
  readonly #clean: (text: string) => string;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<vscode.Uri>());
  readonly onDidChange = this.#changed.event;

  /** @param clean Masks the secrets in a text. */
  constructor(fleet: Fleet, sessions: Sessions, clean: (text: string) => string) {
    this.#fleet = fleet;
    this.#sessions = sessions;
    this.#clean = clean;
    this.#store.add(vscode.workspace.registerTextDocumentContentProvider(scheme, this));
    this.#store.add(fleet.onDidChange(() => this.#refresh()));
  }

  async show(sandbox: Sandbox): Promise<void> {
    const document = await vscode.workspace.openTextDocument(uriOf(sandbox));
    await vscode.window.showTextDocument(document, { preview: true });
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const sandbox = this.#fleet.find(keyOf(uri));
    if (!sandbox) return JSON.stringify({ gone: 'This sandbox no longer exists.' }, undefined, 2);
    const { account, provider } = this.#fleet.account(sandbox.accountId).view();
    const sessions = await this.#sessions.list(sandbox).catch(() => undefined);
    const { createdAt, endsAt, accountId: _, ...known } = sandbox;
    const details = {
      ...known,
      account: account.name,
      createdAt: timeOf(createdAt),
      endsAt: timeOf(endsAt),
      sessions: sessions?.map((session) => ({ ...session, createdAt: timeOf(session.createdAt) })),
      possible: provider && [...actions(sandbox, provider)],
    };
    return this.#clean(JSON.stringify(details, undefined, 2));
  }

  dispose(): void {
    this.#store.dispose();
  }

  #refresh(): void {
    for (const { uri } of vscode.workspace.textDocuments) if (uri.scheme === scheme) this.#changed.fire(uri);
  }
}

/** The key stands in the query, so that the tab shows the name alone. */
const uriOf = ({ name, key }: Sandbox): vscode.Uri =>
  vscode.Uri.from({ scheme, path: `/${plain(name).replaceAll('/', '-')}.json`, query: key });

const keyOf = (uri: vscode.Uri): string => uri.query;

const timeOf = (milliseconds: number | undefined): string | undefined =>
  milliseconds === undefined ? undefined : new Date(milliseconds).toISOString();
