import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../common/disposable.ts';
import { plain } from '../common/text.ts';
import { explain, ProviderError } from '../sandboxes/errors.ts';
import type { Fleet } from '../sandboxes/fleet.ts';
import type { Sandbox, Session } from '../sandboxes/sandbox.ts';
import type { Sessions } from '../sandboxes/sessions.ts';

const scheme = 'sandbox-details';

interface Shown {
  readonly text: string;
  /** Milliseconds since 1970: VS Code reads a document again only when this has changed. */
  readonly changedAt: number;
}

/**
 * Read-only documents that tell everything known of a sandbox, and follow it as it changes. They are files of a file
 * system, since those are restored with their window.
 */
export class Details implements vscode.FileSystemProvider, Disposable {
  readonly #fleet: Fleet;
  readonly #sessions: Sessions;
  readonly #clean: (text: string) => string;
  /** Each of these by the query of the documents, which stays when the sandbox gets another name. */
  readonly #shown = new Map<string, Shown>();
  readonly #lastKnown = new Map<string, object>();
  readonly #isRead = new Set<string>();
  /** Where documents are being moved to, and whether they are there. */
  readonly #moves = new Map<string, boolean>();
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<vscode.FileChangeEvent[]>());
  readonly onDidChangeFile = this.#changed.event;

  /** @param clean Masks the secrets in a text. */
  constructor(fleet: Fleet, sessions: Sessions, clean: (text: string) => string) {
    this.#fleet = fleet;
    this.#sessions = sessions;
    this.#clean = clean;
    this.#store.add(vscode.workspace.registerFileSystemProvider(scheme, this, { isCaseSensitive: true }));
    this.#store.add(fleet.onDidChange(() => this.#refresh()));
    this.#store.add(sessions.onDidChange(() => this.#refresh()));
    this.#store.add(vscode.workspace.onDidCloseTextDocument(({ uri }) => this.#forget(uri)));
  }

  async show(sandbox: Sandbox): Promise<void> {
    await vscode.window.showTextDocument(uriOf(sandbox), { preview: true });
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    return new TextEncoder().encode((await this.#read(uri)).text);
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    // VS Code moves nothing to where something is.
    if (this.#moves.get(uri.toString()) === false) throw vscode.FileSystemError.FileNotFound(uri);
    const { text, changedAt } = this.#shown.get(uri.query) ?? (await this.#read(uri));
    return {
      type: vscode.FileType.File,
      ctime: 0,
      mtime: changedAt,
      size: Buffer.byteLength(text),
      permissions: vscode.FilePermission.Readonly,
    };
  }

  watch(): vscode.Disposable {
    return { dispose: () => {} };
  }

  readonly readDirectory = refuse;
  readonly createDirectory = refuse;
  readonly writeFile = refuse;
  readonly delete = refuse;

  /** Only to where a document belongs since its sandbox was renamed. */
  rename(_: vscode.Uri, to: vscode.Uri): void {
    if (this.#moves.get(to.toString()) !== false) refuse();
    this.#moves.set(to.toString(), true);
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #read(uri: vscode.Uri): Promise<Shown> {
    const key = uri.query;
    const details = await this.#detailsOf(uri).catch((thrown: unknown) => ({
      problem: problemOf(thrown),
      lastKnown: this.#lastKnown.get(key),
    }));
    const text = `${JSON.stringify(details, (_, value: unknown) => this.#presentable(value), 2)}\n`;
    const before = this.#shown.get(key);
    if (before?.text === text) return before;
    const shown = { text, changedAt: Math.max(Date.now(), (before?.changedAt ?? 0) + 1) };
    this.#shown.set(key, shown);
    return shown;
  }

  async #detailsOf(uri: vscode.Uri): Promise<object> {
    const { accountId, key } = addressOf(uri);
    const account = this.#fleet.account(accountId);
    const problem = await this.#readOnce(uri);
    const sandbox = this.#fleet.find(key);
    if (!sandbox) {
      const { error } = account.view();
      if (error) throw error;
      return { gone: 'This sandbox no longer exists.', lastKnown: this.#lastKnown.get(uri.query) };
    }
    const sessions = await this.#sessions.list(sandbox).catch(() => undefined);
    const details = {
      problem,
      account: account.account.name,
      ...factsOf(sandbox),
      sessions: sessions?.map(factsOfSession),
    };
    this.#lastKnown.set(uri.query, details);
    return details;
  }

  /**
   * A document that was restored with its window is older than any list, and a list does not carry everything. Answers
   * why that could not be read, if so.
   */
  async #readOnce(uri: vscode.Uri): Promise<string | undefined> {
    if (this.#isRead.has(uri.query)) return undefined;
    this.#isRead.add(uri.query);
    const { accountId, key } = addressOf(uri);
    const account = this.#fleet.account(accountId);
    if (!this.#fleet.find(key)) await account.refresh();
    const sandbox = this.#fleet.find(key);
    return sandbox && account.confirm(sandbox.id).then(() => undefined, problemOf);
  }

  /** Masked before it is made JSON, whose escapes would hide a secret from its mask. */
  #presentable(value: unknown): unknown {
    return typeof value === 'string' ? this.#clean(plain(value)) : value;
  }

  #refresh(): void {
    for (const uri of openUris()) void this.#follow(uri);
    for (const uri of urisOfTabs()) void this.#move(uri);
  }

  /** The tab of a sandbox that got another name gets it, too: VS Code takes tabs along with their file. */
  async #move(uri: vscode.Uri): Promise<void> {
    const sandbox = this.#fleet.find(addressOf(uri).key);
    const target = sandbox && uriOf(sandbox);
    const key = target?.toString() ?? '';
    if (!target || target.path === uri.path || this.#moves.has(key)) return;
    this.#moves.set(key, false);
    // Where it cannot be moved it is still the right document, under an old name.
    await vscode.workspace.fs.rename(uri, target).then(undefined, () => undefined);
    this.#moves.delete(key);
  }

  async #follow(uri: vscode.Uri): Promise<void> {
    const before = this.#shown.get(uri.query);
    const now = await this.#read(uri);
    if (now !== before) this.#changed.fire([{ type: vscode.FileChangeType.Changed, uri }]);
  }

  #forget({ query }: vscode.Uri): void {
    if (openUris().some((uri) => uri.query === query)) return;
    for (const known of [this.#shown, this.#lastKnown, this.#isRead]) known.delete(query);
  }
}

const openUris = (): vscode.Uri[] =>
  vscode.workspace.textDocuments.map(({ uri }) => uri).filter((uri) => uri.scheme === scheme);

/** Also of tabs that were not shown since their window was restored: these have no document yet. */
function urisOfTabs(): vscode.Uri[] {
  return vscode.window.tabGroups.all.flatMap(({ tabs }) =>
    tabs.flatMap(({ input }) =>
      input instanceof vscode.TabInputText && input.uri.scheme === scheme ? [input.uri] : [],
    ),
  );
}

function refuse(): never {
  throw vscode.FileSystemError.NoPermissions();
}

/** The name is for the tab; what is meant stands in the query. */
function uriOf({ name, key, accountId }: Sandbox): vscode.Uri {
  const query = new URLSearchParams({ account: accountId, sandbox: key }).toString();
  return vscode.Uri.from({ scheme, path: `/${plain(name).replaceAll('/', '-')}.json`, query });
}

function addressOf({ query }: vscode.Uri): { readonly accountId: string; readonly key: string } {
  const parameters = new URLSearchParams(query);
  return { accountId: parameters.get('account') ?? '', key: parameters.get('sandbox') ?? '' };
}

const problemOf = (thrown: unknown): string => explain(ProviderError.from(thrown));

/** Without what only we call it by. */
function factsOf({ name, id, state, createdAt, endsAt, ...others }: Sandbox) {
  const times = { createdAt: timeOf(createdAt), endsAt: timeOf(endsAt) };
  return { name, id, state, ...times, ...others, accountId: undefined, key: undefined };
}

function factsOfSession({ id, active, cwd, createdAt, exitCode }: Session) {
  return { id, active, cwd, createdAt: timeOf(createdAt), exitCode };
}

const timeOf = (milliseconds: number | undefined): string | undefined =>
  milliseconds === undefined ? undefined : new Date(milliseconds).toISOString();
