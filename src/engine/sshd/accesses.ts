import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import * as v from 'valibot';
import { writeWholeSync } from '../../common/wholeFile.ts';
import { conflict, notFound } from '../http/httpError.ts';
import type { SandboxRegistry } from '../sandbox/registry.ts';
import type { SandboxStore } from '../sandbox/store.ts';
import { newId } from '../storage/id.ts';
import { accessRecord, hashOf, opens, type AccessRecord } from './access.ts';

const passwordBytes = 32;
const lifetimeMs = 60 * 60_000;

export interface NewAccess {
  access: AccessRecord;
  password: string;
}

/**
 * Who may come in by SSH: at most one set of credentials for each sandbox, in a file in its folder, which goes with the
 * sandbox. Nothing else is kept, so every question is answered by the files.
 */
export class Accesses {
  readonly #store: SandboxStore;
  readonly #registry: SandboxRegistry;

  constructor(store: SandboxStore, registry: SandboxRegistry) {
    this.#store = store;
    this.#registry = registry;
  }

  /** Whether anybody may come in, now or after a renewal. */
  get hasAny(): boolean {
    return this.#all().length > 0;
  }

  /**
   * One that has expired makes room.
   * @throws HttpError 409 when there is one already
   */
  create(sandboxId: string): NewAccess {
    const existing = this.#read(sandboxId);
    if (existing && Date.now() < existing.expiresAt) {
      throw conflict(
        'The sandbox has an SSH access already. Regenerate it for a new password, or delete it.',
      );
    }
    return this.#issue(sandboxId, undefined);
  }

  /**
   * Gives an access another password and its full time; the old password opens nothing from now on.
   * @throws HttpError 404
   */
  regenerate(sandboxId: string, id?: string): NewAccess {
    return this.#issue(sandboxId, this.get(sandboxId, id));
  }

  /** @throws HttpError 404 */
  delete(sandboxId: string, id?: string): void {
    this.get(sandboxId, id);
    rmSync(this.#store.accessOf(sandboxId));
  }

  /** The access of a sandbox; when an ID is given it must be this. @throws HttpError 404 */
  get(sandboxId: string, id?: string): AccessRecord {
    const access = this.#read(sandboxId);
    if (!access || (id !== undefined && access.id !== id)) throw notFound('There is no such SSH access.');
    return access;
  }

  /** The access that these open; undefined for whatever reason they do not. */
  authenticate(id: string, password: string): AccessRecord | undefined {
    const access = this.#all().find((each) => each.id === id);
    return opens(access, password, Date.now()) ? access : undefined;
  }

  #issue(sandboxId: string, old: AccessRecord | undefined): NewAccess {
    if (!existsSync(this.#store.folderOf(sandboxId))) throw notFound('There is no such sandbox.');
    const password = randomBytes(passwordBytes).toString('base64url');
    const now = Date.now();
    const access = {
      id: old?.id ?? newId('ssh'),
      sandboxId,
      passwordHash: hashOf(password),
      createdAt: old?.createdAt ?? now,
      updatedAt: now,
      expiresAt: now + lifetimeMs,
    };
    // At once, so that no two calls can make one each.
    const text = `${JSON.stringify(access, undefined, 2)}\n`;
    writeWholeSync(this.#store.accessOf(sandboxId), text);
    return { access, password };
  }

  #all(): AccessRecord[] {
    return this.#registry.all().flatMap((sandbox) => this.#read(sandbox.id) ?? []);
  }

  #read(sandboxId: string): AccessRecord | undefined {
    try {
      const text = readFileSync(this.#store.accessOf(sandboxId), 'utf8');
      const result = v.safeParse(accessRecord, JSON.parse(text));
      return result.success && result.output.sandboxId === sandboxId ? result.output : undefined;
    } catch {
      return undefined;
    }
  }
}
