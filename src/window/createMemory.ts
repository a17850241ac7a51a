import type * as vscode from 'vscode';
import type { AccountView } from '../sandboxes/account.ts';
import { checkRequest } from '../sandboxes/createInput.ts';
import type { Origin } from '../sandboxes/creation.ts';
import { withoutSecrets } from '../sandboxes/networkPolicy.ts';
import type { CreateLimits, CreateRequest } from '../sandboxes/provider.ts';
import type { Sandbox } from '../sandboxes/sandbox.ts';

/** What the wizard begins with the next time. */
export type LastChoices = Pick<
  CreateRequest,
  'template' | 'vcpu' | 'memoryMib' | 'timeoutMinutes' | 'autoPause' | 'network'
>;

const mostTemplates = 5;
/** Sandboxes whose requests are kept; the oldest are forgotten first. */
const mostRequests = 100;

/** Milliseconds before a list came in which it may have been asked for: what was made meanwhile is not in it. */
const listingMs = 5 * 60_000;

/** The key of a sandbox, and when its request was kept: milliseconds since 1970. */
type Kept = readonly [key: string, since: number];

/**
 * What was chosen for new sandboxes. Services do not tell a sandbox's variables and headers, which may be secrets, so
 * the whole request is kept in the editor's secret storage.
 */
export class CreateMemory {
  readonly #storage: vscode.Memento;
  readonly #secrets: vscode.SecretStorage;

  constructor(storage: vscode.Memento, secrets: vscode.SecretStorage) {
    this.#storage = storage;
    this.#secrets = secrets;
  }

  /** The choices of the last time, if they still are possible. */
  last(accountId: string, limits: CreateLimits): LastChoices | undefined {
    const kept = this.#storage.get<LastChoices>(lastKey(accountId));
    return kept && checkRequest(kept, limits).length === 0 ? kept : undefined;
  }

  /** Keeps what was chosen, whatever comes of it: what was typed once need not be typed again. */
  async rememberChoices(accountId: string, request: CreateRequest): Promise<void> {
    const { template, vcpu, memoryMib, timeoutMinutes, autoPause, network } = request;
    const last: LastChoices = { template, vcpu, memoryMib, timeoutMinutes, autoPause };
    const reach = network && { network: withoutSecrets(network) };
    await this.#storage.update(lastKey(accountId), { ...last, ...reach });
  }

  /** The templates that were typed, and that there are, the newest first. */
  templates(accountId: string): readonly string[] {
    return this.#storage.get<string[]>(templatesKey(accountId), []);
  }

  async rememberTemplate(accountId: string, template: string, limits: CreateLimits): Promise<void> {
    if (limits.templates.includes(template)) return;
    const others = this.templates(accountId).filter((other) => other !== template);
    await this.#storage.update(templatesKey(accountId), [template, ...others].slice(0, mostTemplates));
  }

  /** What a sandbox was made of; nothing where this editor has not made it. */
  async originOf(sandbox: Sandbox): Promise<Origin | undefined> {
    const text = await this.#secrets.get(requestKey(sandbox.key));
    return text === undefined ? undefined : (JSON.parse(text) as Origin);
  }

  async keepOrigin(sandbox: Sandbox, origin: Origin): Promise<void> {
    await this.#secrets.store(requestKey(sandbox.key), JSON.stringify(origin));
    const others = this.#kept().filter(([key]) => key !== sandbox.key);
    await this.#keepOnly([...others, [sandbox.key, Date.now()] as const].slice(-mostRequests));
  }

  /** Forgets everything of an account. */
  async forget(accountId: string): Promise<void> {
    await this.#storage.update(lastKey(accountId), undefined);
    await this.#storage.update(templatesKey(accountId), undefined);
    await this.#keepOnly(this.#kept().filter(([key]) => !key.startsWith(`${accountId}/`)));
  }

  /** Forgets the sandboxes of an account that are no more, as far as its list can tell. */
  async forgetGone({ account, sandboxes, listedAt = 0 }: AccountView): Promise<void> {
    const living = new Set(sandboxes.map(({ key }) => key));
    const isGone = ([key, since]: Kept) =>
      key.startsWith(`${account.id}/`) && !living.has(key) && since < listedAt - listingMs;
    const kept = this.#kept();
    if (kept.some(isGone)) await this.#keepOnly(kept.filter((one) => !isGone(one)));
  }

  async #keepOnly(kept: readonly Kept[]): Promise<void> {
    const keys = new Set(kept.map(([key]) => key));
    const gone = this.#kept().filter(([key]) => !keys.has(key));
    await this.#storage.update(keptKey, kept);
    await Promise.all(gone.map(([key]) => this.#secrets.delete(requestKey(key))));
  }

  #kept(): readonly Kept[] {
    return this.#storage.get<readonly Kept[]>(keptKey, []);
  }
}

const lastKey = (accountId: string) => `create.last.${accountId}`;
const templatesKey = (accountId: string) => `create.templates.${accountId}`;
const requestKey = (sandboxKey: string) => `request.${sandboxKey}`;
/** The keys of the sandboxes whose requests are kept: the secret storage has no list. */
const keptKey = 'create.requests';
