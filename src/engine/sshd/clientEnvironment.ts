const maxVariables = 100;
const maxValueBytes = 8 * 1024;

/**
 * The variables that a client asks for. Whoever may run commands may name any: only what no process could have is
 * refused, and what is too much.
 */
export class ClientEnvironment {
  readonly #variables = new Map<string, string>();

  /** False when it is refused. */
  set(name: string, value: string): boolean {
    const isPossible = /^[A-Za-z_]\w{0,127}$/.test(name) && !value.includes('\0');
    if (!isPossible || Buffer.byteLength(value) > maxValueBytes) return false;
    if (this.#variables.size >= maxVariables && !this.#variables.has(name)) return false;
    this.#variables.set(name, value);
    return true;
  }

  get variables(): Record<string, string> {
    return Object.fromEntries(this.#variables);
  }
}
