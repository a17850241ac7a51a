export interface Disposable {
  dispose(): void;
}

/** Disposes its members in the reverse order of their arrival; what arrives late is disposed at once. */
export class DisposableStore implements Disposable {
  readonly #members: Disposable[] = [];
  #disposed = false;

  add<T extends Disposable>(member: T): T {
    if (this.#disposed) member.dispose();
    else this.#members.push(member);
    return member;
  }

  dispose(): void {
    this.#disposed = true;
    for (let member = this.#members.pop(); member; member = this.#members.pop()) member.dispose();
  }
}
