const credentials = /\b(Bearer|Basic)\s+[\w.~+/=-]+/gi;

/** The one place that takes secrets out of what is written down. */
export class Redactor {
  readonly #secrets = new Set<string>();

  /** Masks this text wherever it appears from now on. */
  hide(secret: string): void {
    if (secret.length >= 8) this.#secrets.add(secret);
  }

  clean(text: string): string {
    let cleaned = text.replace(credentials, '$1 •••');
    // The longest first: what one that it begins with would leave of it could not be found any more.
    const secrets = [...this.#secrets].toSorted((one, other) => other.length - one.length);
    for (const secret of secrets) cleaned = cleaned.replaceAll(secret, '•••');
    return cleaned;
  }
}

/** Hides the values of variables; the lines of one, such as a key, also by themselves: they may be written as one. */
export function hideVariables(
  variables: Readonly<Record<string, string>> | undefined,
  hide: (secret: string) => void,
): void {
  for (const value of Object.values(variables ?? {})) {
    for (const secret of [value, ...value.split(/[\r\n]+/)]) hide(secret);
  }
}

/** Hides the value of a header, and the credential in a value such as `Bearer …`. */
export function hideHeader(value: string, hide: (secret: string) => void): void {
  for (const secret of [value, ...value.split(/\s+/)]) hide(secret);
}
