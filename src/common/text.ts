const maxLength = 2_000;
/** Control characters, line and paragraph separators, and marks that turn the direction of writing. */
// oxlint-disable-next-line no-control-regex -- control characters are what is taken out
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g;

/** Text from outside on one line, without control characters and of a bounded length: for labels and terminals. */
export function plain(text: string): string {
  const line = text.replace(unprintable, ' ').trim();
  return line.length > maxLength ? `${line.slice(0, maxLength)}…` : line;
}
