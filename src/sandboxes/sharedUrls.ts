import { Emitter } from '../common/event.ts';
import type { PresignedUrl } from './ports.ts';
import type { Sandbox } from './sandbox.ts';

/**
 * The URLs that were made here for ports of sandboxes. They are secrets and their service tells them only once, so they
 * are known for the life of this window alone.
 */
export class SharedUrls {
  readonly #urls = new Map<string, readonly PresignedUrl[]>();
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;

  /** Those of a sandbox that have not expired. */
  of(sandbox: Sandbox): readonly PresignedUrl[] {
    return (this.#urls.get(sandbox.key) ?? []).filter(({ expiresAt }) => expiresAt > Date.now());
  }

  add(sandbox: Sandbox, url: PresignedUrl): void {
    this.#urls.set(sandbox.key, [...this.of(sandbox), url]);
    this.#changed.fire();
  }

  remove(sandbox: Sandbox, id: string): void {
    const others = this.of(sandbox).filter((url) => url.id !== id);
    this.#urls.set(sandbox.key, others);
    this.#changed.fire();
  }
}
