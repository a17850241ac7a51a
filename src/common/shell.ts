/** One word of a POSIX shell that means exactly `text`. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** Whether a shell, and any program, can be given a variable of this name. */
export const isVariableName = (name: string): boolean => /^[A-Za-z_]\w*$/.test(name);
