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
    for (const secret of this.#secrets) cleaned = cleaned.replaceAll(secret, '•••');
    return cleaned;
  }
}

/** Hides the value of a header, and the credential in a value such as `Bearer …`. */
export function hideHeader(value: string, hide: (secret: string) => void): void {
  for (const secret of [value, ...value.split(/\s+/)]) hide(secret);
}
