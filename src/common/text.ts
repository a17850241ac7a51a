const maxLength = 2_000;
/** Control characters, line and paragraph separators, and marks that turn the direction of writing. */
// oxlint-disable-next-line no-control-regex -- control characters are what is taken out
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g;

/** Text from outside on one line, without control characters and of a bounded length: for labels and terminals. */
export function plain(text: string): string {
  const line = text.replace(unprintable, ' ').trim();
  return line.length > maxLength ? `${line.slice(0, maxLength)}…` : line;
}

/** The first of `stem`, `stem-2`, `stem-3`, … that is not taken. */
export function firstFree(stem: string, isTaken: (name: string) => boolean, separator = '-'): string {
  let name = stem;
  for (let number = 2; isTaken(name); number++) name = `${stem}${separator}${number}`;
  return name;
}

/** Names for a sentence, of which a long list shows only the first ones: `a, b and c`, or `a, b and 7 more`. */
export function enumerate(names: readonly string[], most = 10): string {
  const shown = names.length > most ? [...names.slice(0, most), `${names.length - most} more`] : names;
  const last = shown.at(-1) ?? '';
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(', ')} and ${last}`;
}
