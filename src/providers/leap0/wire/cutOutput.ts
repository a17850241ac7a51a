/**
 * What the local engine puts after output of which it has kept the beginning only: whoever knows no more of the protocol
 * than Leap0 says reads it there. It says it in fields of its own, too, so that a client can take it away again.
 */
const noteOf = (missing: number) => `\n[cut here: ${missing} more bytes]\n`;

/** @param missing How many bytes there were besides. */
export const withNote = (text: string, missing: number): string =>
  missing > 0 ? text + noteOf(missing) : text;

export function withoutNote(text: string, missing: number): string {
  const note = noteOf(missing);
  return missing > 0 && text.endsWith(note) ? text.slice(0, -note.length) : text;
}
